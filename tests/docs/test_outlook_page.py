"""docs/outlook.md says the priors that the code has."""

import re

from audit.checks import Effort
from audit.docs import FOLDER
from audit.findings.outlook.effectiveness import priors

NAMES = {
    Effort.SETTING: "a setting",
    Effort.BILLING_PAGE: "the billing page",
    Effort.CODE_CHANGE: "a change of code",
    Effort.CONVERSATION: "a conversation first",
}


def test_every_prior_stands_on_the_page_as_it_is():
    page = (FOLDER / "outlook.md").read_text("utf-8")
    said = dict(re.findall(r"^\| ([a-z ]+) \| (\d+% \| \d+ and \d+) \|$", page, re.MULTILINE))

    assert said == {
        NAMES[effort]: f"{one.mean:.0%} | {one.came_true:g} and {one.did_not:g}"
        for effort, one in priors().items()
    }
