"""A folder of exports from a dict of file names and contents."""

from collections.abc import Callable
from pathlib import Path

import pytest

Folder = Callable[..., Path]


@pytest.fixture
def exports(tmp_path: Path) -> Folder:
    def write(files: dict[str, str | bytes], name: str = "acme") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / file).write_bytes(data)
        return folder

    return write
