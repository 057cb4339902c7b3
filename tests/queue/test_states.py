"""Who is due, who waits and who is held back, with the reason; the verdicts are the checks'."""

from datetime import date

import pytest

from audit.errors import InputError


def only(queue):
    (row,) = queue.rows
    return row


def test_an_account_that_is_due_says_what_to_do_and_why(queued, account):
    row = only(queued({"one": account(saves=200)}))

    assert (row.state, row.tasks, row.is_late) == ("due", ("first_message",), False)
    assert row.renewal_on == date(2026, 11, 11)
    assert row.due_on == date(2026, 10, 28)
    assert row.why[0] == "The bill renews in 10 days, and nobody wrote to one."
    assert row.held == ()


@pytest.mark.parametrize(
    ("crm", "policy", "task"),
    [
        (
            {"onboarding_pipeline": "2. Onboarding Initiated", "first_outreach_at": "2026-10-14"},
            "2026-11",
            "check_in",
        ),
        ({"payment_failed_at": "2026-10-28", "next_renewal_date": "2026-12-30"}, "2025-06", None),
        (
            {
                "is_startup_plan": "true",
                "startup_plan_end_at": "2026-11-20",
                "next_renewal_date": "2026-12-30",
            },
            "2025-06",
            "startup_roll_off",
        ),
        ({"onboarding_pipeline": "7. Paid Call Purchased"}, "2026-11", "paid_call"),
    ],
)
def test_every_kind_of_task_comes_from_its_check(queued, crm, policy, task, account):
    if task is None:
        built = account(**crm).without("invoices").crm(paid_nonzero_bills=0)
        task = "failed_payment"
    else:
        built = account(**crm)

    row = only(queued({"one": built}, policy=policy))

    assert task in row.tasks
    assert row.state == "due"


def test_a_large_invoice_to_come_is_a_task(queued, account):
    built = account(spends=3_000, forecasted_mrr_usd=3_000, next_renewal_date="2026-12-30")
    for month in (7, 8, 9):
        built.invoice(600, period_start=f"2026-{month:02}-01", period_end=f"2026-{month + 1:02}-01")

    assert "large_invoice" in only(queued({"one": built})).tasks


def test_advice_nobody_followed_is_a_task(queued, account):
    built = account(
        saves=300,
        onboarding_pipeline="2. Onboarding Initiated",
        first_outreach_at="2026-10-01",
        advised_at="2026-10-01",
    )

    assert only(queued({"one": built})).tasks == ("nudge",)


@pytest.mark.parametrize(
    ("crm", "reason"),
    [
        ({"temporary_owner": "x"}, "Sales is engaged with one: a temporary owner."),
        ({"open_conversation": "true"}, "A conversation with one is open."),
        ({"onboarding_pipeline": "6d. Churned"}, "Onboarding of one has ended, as its stage says."),
        ({"last_messaged_at": "2026-10-30"}, "The team wrote to one 2 days ago."),
        (
            {"forecasted_mrr_usd": 100},
            "It is not onboarding's: $100.00 forecast (estimate), 0 bills paid.",
        ),
        (
            {"is_startup_plan": "true", "forecasted_mrr_usd": 0},
            "one is on the startup plan, uses $300.00 a month (estimate) and has paid 0 bills.",
        ),
    ],
    ids=str,
)
def test_an_account_that_is_held_is_not_listed_and_says_why_when_asked(
    queued, crm, reason, account
):
    accounts = {"one": account(saves=200, **crm)}

    assert queued(accounts).rows == ()
    row = only(queued(accounts, everything=True))
    assert row.state == "held"
    assert reason in row.held


def test_what_the_policy_says_to_do_about_sales_stands_beside_it(queued, account):
    accounts = {"one": account(csm_id="x")}

    for policy, said in (("2025-06", "Ask the account executive"), ("2026-11", 'Note "Removing')):
        row = only(queued(accounts, policy=policy, everything=True))
        assert any(line.startswith(said) for line in row.held)


@pytest.mark.parametrize(
    ("built", "reason"),
    [
        (
            lambda account: account(onboarding_pipeline="8. Dormant"),
            "already_handled could not be evaluated: ",
        ),
        (
            lambda account: account().without("invoices"),
            "Whose it is is not known: onboarding_in_scope could not",
        ),
    ],
)
def test_what_is_not_known_holds_back_and_says_so(queued, built, reason, account):
    row = only(queued({"one": built(account)}, everything=True))

    assert row.state == "held"
    assert any(line.startswith(reason) for line in row.held)


def test_a_bought_call_is_held_by_nothing(queued, account):
    built = account(
        onboarding_pipeline="7. Paid Call Purchased", temporary_owner="x", forecasted_mrr_usd=1
    )

    row = only(queued({"one": built}))

    assert row.state == "due"
    assert row.tasks == ("paid_call",)
    assert row.why[0] == "The customer bought a call."
    assert row.held


def test_an_account_with_nothing_due_waits_for_its_day(queued, account):
    accounts = {"one": account(next_renewal_date="2026-11-30")}

    assert queued(accounts).rows == ()
    row = only(queued(accounts, everything=True))
    assert (row.state, row.due_on) == ("waiting", date(2026, 11, 16))
    assert row.why[0] == "Nothing is due before 2026-11-16."


@pytest.mark.parametrize(("day", "shown"), [("2026-11-15", 0), ("2026-11-16", 1)])
def test_due_by_shows_what_becomes_due_until_then(queued, day, shown, account):
    accounts = {"one": account(next_renewal_date="2026-11-30")}

    assert len(queued(accounts, due_by=date.fromisoformat(day)).rows) == shown


def test_a_check_in_to_come_has_its_day_too(queued, account):
    built = account(onboarding_pipeline="2. Onboarding Initiated", first_outreach_at="2026-10-18")
    row = only(queued({"one": built}, policy="2026-11", everything=True, as_of="2026-11-01"))

    # Day 15 is tomorrow; until then the message of two weeks ago is a live thread.
    assert row.due_on == date(2026, 11, 2)
    assert row.state == "held"


@pytest.mark.parametrize(
    ("renews", "late"), [("2026-11-08", False), ("2026-11-07", True), ("2026-10-25", True)]
)
def test_late_ones_are_marked(queued, renews, late, account):
    queue = queued({"one": account(next_renewal_date=renews)})

    assert only(queue).is_late is late
    assert queue.counts["late"] == int(late)


def test_a_check_in_past_its_days_is_late(queued, account):
    built = account(
        onboarding_pipeline="2. Onboarding Initiated",
        onboarding_status="Check-in",
        first_outreach_at="2026-10-01",
    )

    assert only(queued({"one": built}, policy="2026-11")).is_late


def test_a_missing_renewal_falls_back_to_the_billing_period_and_says_so(queued, account):
    built = account(next_renewal_date=None, of={"period_end": "2026-11-09"})

    row = only(queued({"one": built}))

    assert (row.renewal_on, row.renewal_is_assumed) == (date(2026, 11, 9), True)
    assert "The CRM names no renewal to come; the end of the billing period stands in." in row.why


def test_without_any_renewal_the_row_says_so(queued, account):
    row = only(queued({"one": account(next_renewal_date=None)}, everything=True))

    assert row.renewal_on is None
    assert any(line.startswith("The renewal is not known: neither the CRM") for line in row.why)


def test_as_of_moves_the_day(queued, account):
    accounts = {"one": account(next_renewal_date="2026-11-30")}

    assert queued(accounts, as_of="2026-11-20").rows[0].tasks == ("first_message",)


def test_a_threshold_of_ones_own_moves_the_window(queued, account):
    accounts = {"one": account(next_renewal_date="2026-11-30")}
    own = {"outreach_due": {"before_renewal_days": 30}}

    assert len(queued(accounts, thresholds=own).rows) == 1


def test_an_offer_is_paused_with_a_note_and_not_held(queued, account):
    row = only(queued({"one": account(pricing_complaint="true")}))

    assert row.state == "due"
    assert "No offer to one now: a complaint of the price." in row.why


MONTHS = (("2026-09-01", "2026-10-01"), ("2026-08-01", "2026-09-01"), ("2026-07-01", "2026-08-01"))


@pytest.mark.parametrize(("policy", "ready"), [("2025-06", False), ("2026-11", True)])
def test_the_policy_decides_on_the_handover_with_reasons(queued, policy, ready, account):
    built = account(spends=1_300, onboarding_pipeline="Onboarded (Done)")
    for start, end in MONTHS:
        built.invoice(1_250, period_start=start, period_end=end)

    row = only(queued({"one": built}, policy=policy, everything=True))

    assert (row.handover.verdict == "ready") is ready
    assert ("hand_over" in row.tasks) is ready
    if ready:
        assert row.state == "due"
        assert row.handover.segment == "Onboarding referral"
        assert row.handover.reasons[0].startswith("the last 2 bills are above $1,000.00")
    else:
        assert "not all of the last 3 bills are above $1,667.00" in row.handover.reasons[0]


def test_a_large_first_bill_goes_to_sales_under_the_policy_that_says_so(queued, account):
    accounts = {"one": account(forecasted_mrr_usd=2_500)}

    assert "hand_over" not in only(queued(accounts)).tasks
    row = only(queued(accounts, policy="2026-11"))
    assert "hand_over" in row.tasks
    assert "straight to Sales" in row.handover.reasons[0]


def test_a_held_row_names_what_would_be_due(queued, account):
    built = account(csm_id="x", payment_failed_at="2026-10-28").without("invoices")

    row = only(queued({"one": built.crm(paid_nonzero_bills=0)}, everything=True))

    assert (row.state, row.tasks) == ("held", ("failed_payment",))


def test_counts_are_of_all(queued, account):
    accounts = {
        "due": account(),
        "late": account(next_renewal_date="2026-11-02"),
        "waiting": account(next_renewal_date="2026-11-30"),
        "held": account(csm_id="x"),
    }

    assert queued(accounts).counts == {"due": 2, "waiting": 1, "held": 1, "late": 1}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"owner": "Noor Rahmn"}, "No owner 'Noor Rahmn'. Nearest: Noor Rahman."),
        ({"region": "ue"}, "No region 'ue'. Nearest: us."),
    ],
)
def test_an_owner_or_region_nobody_has_is_refused(queued, asked, said, account):
    with pytest.raises(InputError, match=said):
        queued({"one": account(onboarding_specialist="Noor Rahman")}, **asked)
