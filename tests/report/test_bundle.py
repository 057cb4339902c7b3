import base64
import gzip
import hashlib
import json

import pytest

from audit.report import bundle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built():
    return bundle.built()


def kept(folder, content):
    folder.mkdir(exist_ok=True)
    path = folder / f"charts-{bundle.FORMAT}-{bundle.version('vl-convert-python')}.json"
    path.write_text(content)
    return path


def test_the_library_is_one_script_with_its_hash(built):
    script = gzip.decompress(base64.b64decode(built.packed))

    assert b"vegaEmbed" in script
    assert b"</script" not in script
    assert built.sha256 == base64.b64encode(hashlib.sha256(script).digest()).decode()


def test_a_sound_copy_is_read_from_the_cache(tmp_path):
    tiny = bundle.Bundle(bundle.packed(b"x"), bundle.sha256("x"))
    kept(tmp_path, json.dumps({"packed": tiny.packed, "sha256": tiny.sha256}))

    assert bundle.cached(tmp_path) == tiny


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"packed": "AAAA", "sha256": "x"}', '{"packed": 1, "sha256": "x"}']
)
def test_a_damaged_copy_is_replaced(tmp_path, built, content):
    path = kept(tmp_path, content)

    assert bundle.cached(tmp_path) == built
    assert json.loads(path.read_text())["sha256"] == built.sha256


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, built):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")

    assert bundle.cached(blocked / "cache") == built
