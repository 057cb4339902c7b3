"""The generated pages say what the code says."""

from pathlib import Path

import pytest

from audit.checks import load_checks
from audit.docs import FOLDER, PAGES, write
from audit.facts.runner import fact_files
from audit.tables import TABLES


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_the_generated_one(name):
    committed = (FOLDER / name).read_text("utf-8")

    assert committed == PAGES[name](), "Run `python -m audit.docs`."


def test_writing_twice_gives_the_same_bytes(tmp_path):
    first = [path.read_bytes() for path in write(tmp_path)]

    assert [path.read_bytes() for path in write(tmp_path)] == first
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(PAGES)


def test_no_page_names_a_place_on_this_machine():
    for name in PAGES:
        text = PAGES[name]()

        assert str(Path.home()) not in text
        assert str(FOLDER.parent) not in text


def test_every_column_stands_on_the_page_of_tables():
    page = PAGES["tables.md"]()

    for table in TABLES:
        section = page.partition(f"\n## {table.name}\n")[2].partition("\n## ")[0]
        assert [
            c.name for c in table.columns if f"\n| `{c.name}` | {c.kind} |" not in section
        ] == []


def test_every_fact_stands_on_the_page_of_facts_under_its_file():
    page = PAGES["facts.md"]()

    for file in fact_files():
        section = page.partition(f"\n### {file.name}\n")[2].partition("\n### ")[0]
        assert [f.name for f in file.facts if f"| `{f.name}` | {f.unit} |" not in section] == []
        assert all(f"`{subject}`" in section for f in file.facts for subject in f.subjects)


def test_every_check_stands_on_its_page_with_its_thresholds():
    page = PAGES["checks.md"]()

    for name, check in load_checks().items():
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert [t for t in check.thresholds if f"\n| `{t}` |" not in section] == []
        assert check.docs in section


def test_links_between_the_pages_lead_somewhere():
    import re

    headings = {
        name: set(re.findall(r"^#+ (.+)$", PAGES[name](), flags=re.MULTILINE)) for name in PAGES
    }

    for name in PAGES:
        for page, anchor in re.findall(r"\]\(([a-z]*\.?m?d?)#(\w+)\)", PAGES[name]()):
            assert anchor in headings[page or name]
