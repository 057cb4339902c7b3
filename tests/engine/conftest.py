import os

import nbformat
import papermill
import pytest

from audit.engine.zygote import Zygote


@pytest.fixture(scope="session")
def zygote():
    with Zygote(dict(os.environ), ("pandas",)) as started:
        yield started


@pytest.fixture
def executed(tmp_path, zygote, monkeypatch):
    """Run cells by an engine; what papermill wrote, and what it raised."""

    def run(*sources, engine="warm", tags=None, **given):
        # IPython's kernel lets go what subprocesses write when it finds itself under test.
        monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
        cells = [
            nbformat.v4.new_code_cell(source, metadata={"tags": (tags or {}).get(number, [])})
            for number, source in enumerate(sources)
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        source, target = tmp_path / "in.ipynb", tmp_path / f"{engine}.ipynb"
        nbformat.write(notebook, source)
        settings = {"progress_bar": False, "kernel_name": "python3", **given}
        if engine == "warm":
            settings |= {"engine_name": "audit-warm", "spawn": zygote.spawn}
        raised = None
        try:
            papermill.execute_notebook(str(source), str(target), cwd=str(tmp_path), **settings)
        except Exception as error:
            raised = error
        return nbformat.read(target, as_version=4), raised

    return run
