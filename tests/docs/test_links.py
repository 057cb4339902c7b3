"""Links of the README and the pages lead to files that are there."""

import re

import pytest

from audit.docs import FOLDER

PAGES = [FOLDER.parent / "README.md", *sorted(FOLDER.glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_to_a_file(page):
    links = re.findall(r"\]\((?!https?:|#|<)([^)#\s]+)", page.read_text("utf-8"))

    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []
