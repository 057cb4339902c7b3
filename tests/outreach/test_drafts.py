import email
import email.policy
import json
import re
from decimal import Decimal

import pytest

from audit.errors import InputError
from audit.outreach import draft, lint, write
from audit.outreach.files import markdown, message, notebook, page

VARIANTS = ("first", "follow-up", "check-in")
SETTINGS = {"booking": "https://cal.example.com/ada", "sender": "Ada"}

HOSTILE = (
    '"><script>alert(1)</script>\r\nBcc: all@evil.example\n# Title [x](javascript:1) \u202e \u2014'
)


def sentences(made):
    said = [made.headline, made.bill, made.together, made.ask]
    for lever in made.levers:
        said += [lever.observed, lever.do, lever.saving]
    return {one for one in said if one}


@pytest.mark.slow
@pytest.mark.parametrize("exact", [False, True])
def test_every_draft_of_the_sample_passes_the_check(accounts, exact):
    made = 0
    for account, findings in accounts:
        document = json.loads(findings)
        for variant in VARIANTS:
            try:
                one = draft(
                    document, account, findings=findings, variant=variant, exact=exact, **SETTINGS
                )
            except InputError:
                continue  # nothing is left to say
            problems = lint(markdown(one), document, findings=findings)
            assert [str(problem) for problem in problems] == []
            made += 1
    assert made > 25


def test_the_largest_savings_come_first_and_three_at_most(of_one):
    account, findings = of_one
    document = json.loads(findings)

    made = draft(document, account, findings=findings, **SETTINGS)

    def worth(finding):
        ahead = (finding["saving"] or {}).get("ahead")
        return Decimal(ahead["next_period"]["on_top"]["mean"] if ahead else 0)

    largest = sorted(document["findings"], key=worth, reverse=True)[:3]
    assert [lever.finding_id for lever in made.levers] == [one["id"] for one in largest]
    for lever in made.levers:
        assert "(estimate, 95% between $" in lever.saving
        assert lever.takes
        assert lever.lose
        assert lever.docs.startswith("https://posthog.com/docs/")


def test_a_sum_to_the_cent_is_the_one_of_the_findings(of_one):
    account, findings = of_one
    document = json.loads(findings)

    made = draft(document, account, findings=findings, exact=True, **SETTINGS)

    first = next(one for one in document["findings"] if one["id"] == made.levers[0].finding_id)
    ahead = first["saving"]["ahead"]["next_period"]["on_top"]
    expected = [Decimal(ahead[name]) for name in ("mean", "p025", "p975")]
    told = [
        Decimal(one.replace(",", "")) for one in re.findall(r"\$([\d,.]*\d)", made.levers[0].saving)
    ]
    assert told == expected


def test_a_later_message_repeats_no_sentence_of_an_earlier_one(accounts):
    for account, findings in accounts:
        document = json.loads(findings)
        earlier = set()
        for variant in VARIANTS:
            try:
                made = draft(document, account, findings=findings, variant=variant, **SETTINGS)
            except InputError:
                continue
            assert not sentences(made) & earlier
            earlier |= sentences(made)


def test_all_admins_and_owners_are_written_to_and_nobody_else(of_one):
    account, findings = of_one
    members = account["members"]
    asked = set(members[members["level"] >= 8]["email"].dropna())

    made = draft(json.loads(findings), account, findings=findings, **SETTINGS)

    assert set(made.recipients) == asked
    assert made.recipients


def test_what_a_person_has_to_add_is_said_and_fails_the_check(drafted, of_one):
    made = drafted(booking="", sender="")

    assert made.missing == (
        "no booking link is set (booking_link)",
        "no sender is set (sender)",
    )
    problems = lint(markdown(made), json.loads(of_one[1]), findings=of_one[1])
    assert [one.rule for one in problems] == ["placeholder", "placeholder"]


def test_findings_for_the_team_are_refused(drafted):
    def for_the_team(document):
        document["findings"][0]["audience"] = "team"

    with pytest.raises(InputError, match="for the team"):
        drafted(for_the_team)


def test_hostile_names_are_text_in_every_file(drafted):
    def hostile(document):
        document["organization_name"] = HOSTILE
        for one in document["findings"]:
            one["message"] = f"{HOSTILE} of {HOSTILE}"

    made = drafted(hostile, sender=HOSTILE)
    mail = email.message_from_bytes(message(made), policy=email.policy.default)
    parts = {one.get_content_type(): one.get_content() for one in mail.iter_parts()}

    assert "<script" not in page(made) + parts["text/html"]
    assert mail["Bcc"] is None
    assert "\u202e" not in markdown(made) + notebook(made) + page(made)
    for text in (markdown(made), notebook(made)):
        assert not re.search(r"(?<!\\)\[x(?<!\\)\]\(javascript", text)
        assert not re.search(r"(?<!\\)<script", text)
        assert not re.search(r"^# Title", text, re.MULTILINE)
        assert "\u2014" not in text


def test_a_mail_program_opens_it_as_a_draft_to_these_people(drafted):
    made = drafted()

    mail = email.message_from_bytes(message(made), policy=email.policy.default)

    assert mail["X-Unsent"] == "1"
    assert mail["From"] is None
    assert mail["Date"] is None
    assert mail["Subject"] == made.subject
    assert {one.addr_spec for one in mail["To"].addresses} == set(made.recipients)
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]


def test_the_same_findings_give_the_same_bytes_each_marked_as_a_draft(drafted, tmp_path):
    first = write(drafted(), tmp_path / "a")
    second = write(drafted(), tmp_path / "b")

    assert [one.name for one in first] == ["email.md", "email.html", "email.eml", "notebook.md"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert "DRAFT, not sent" in first[0].read_text()
    assert "DRAFT, not sent" in first[1].read_text()
    assert "DRAFT, not sent" in first[3].read_text()


def test_an_edited_draft_is_kept_when_it_is_drafted_again(drafted, tmp_path):
    write(drafted(), tmp_path)
    (tmp_path / "email.md").write_text("Dear all, in my own words")

    write(drafted(exact=True), tmp_path)
    write(drafted(exact=False), tmp_path)

    assert (tmp_path / "email.yours.md").read_text() == "Dear all, in my own words"
    assert not (tmp_path / "email.yours.html").exists()
