"""Where an account stands: in scope, due, handled, engaged, advised."""

from corpus.customer import Customer
from corpus.deals import crm, day, forecast, invoiced, paying
from corpus.planters.addons import subscribed_and_no_code_sends_a_group
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import UnsuitableError

SCOPE = "onboarding_in_scope"
ROLL_OFF = "startup_roll_off_in_scope"
OUT = "onboarding_out_of_scope"
DUE = "outreach_due"
CHECK_IN = "check_in_due"
HANDLED = "already_handled"
SALES = "sales_engaged"
PAID = "paid_bills_reached"
PAUSED = "commercial_ask_paused"
ADVICE = "advice_not_followed"
#: What invoices and forecasts written for a case say beside it.
MONEY = (
    "upcoming_invoice_large",
    "forecast_changed",
    "first_bill_refundable",
    "refund_window_open",
    "refund_needs_escalation",
    "payment_failed",
    "startup_credit_exhausted",
    "credit_runway_short",
    "churn_risk",
    "health_poor",
    "group_analytics_unused",
    "wrong_setup_refundable",
)


def fresh(one: Customer) -> None:
    """A new account that nobody has written to."""
    crm(
        one,
        onboarding_pipeline="1. New Account",
        segments="Onboarding Lead",
        first_outreach_at=None,
        last_messaged_at=None,
        paid_nonzero_bills=None,
        next_renewal_date=day(one, 25),
        is_startup_plan=None,
    )


def _scoped(one: Customer, usd: float, bills: int, **fields: object) -> Truth:
    fresh(one)
    invoiced(one, *[usd] * bills)
    forecast(one, usd)
    crm(one, **fields)
    return Truth(SCOPE, implied=MONEY)


@fault(SCOPE)
def a_young_account_with_a_bill(one: Customer) -> Truth:
    return _scoped(one, one.between(520, 6_000), round(one.between(1, 3)))


@inside(SCOPE)
def just_over_five_hundred(one: Customer) -> Truth:
    return _scoped(one, 500.01, 3)


@outside(SCOPE)
def five_hundred(one: Customer) -> Truth:
    return _scoped(one, 500.0, 3)


@outside(SCOPE)
def four_bills_paid(one: Customer) -> Truth:
    return _scoped(one, 900, 4)


@lookalike(SCOPE)
def sales_has_it(one: Customer) -> Truth:
    return _scoped(one, 900, 2, account_executive_id="005A")


@lookalike(SCOPE)
def a_startup_on_its_plan(one: Customer) -> Truth:
    return _scoped(one, 900, 2, is_startup_plan="true")


def _rolling(one: Customer, usd: float, ends: int, **fields: object) -> Truth:
    if one.bill() > 1_450:
        raise UnsuitableError("uses much credit")
    fresh(one)
    invoiced(one, 0.0, 0.0)
    forecast(one, usd)
    crm(one, is_startup_plan="true", startup_plan_end_at=day(one, ends), **fields)
    return Truth(ROLL_OFF, implied=MONEY)


@fault(ROLL_OFF)
def the_startup_plan_ends_and_a_bill_comes(one: Customer) -> Truth:
    return _rolling(one, one.between(510, 1_490), round(one.between(-50, 28)))


@fault(ROLL_OFF)
def a_startup_that_uses_much_credit(one: Customer) -> Truth:
    paying(one, one.between(1_550, 4_000))
    fresh(one)
    forecast(one, 0)
    crm(one, is_startup_plan="true", startup_plan_end_at=day(one, 200))
    return Truth(ROLL_OFF, implied=MONEY)


@fault(ROLL_OFF)
def a_startup_everybody_talks_about(one: Customer) -> Truth:
    return _rolling(one, 10, 300, hype_startup="true")


@inside(ROLL_OFF)
def fifteen_hundred(one: Customer) -> Truth:
    return _rolling(one, 1_500, 10)


@outside(ROLL_OFF)
def just_over_fifteen_hundred(one: Customer) -> Truth:
    return _rolling(one, 1_501, 10)


@outside(ROLL_OFF)
def just_under_five_hundred(one: Customer) -> Truth:
    return _rolling(one, 499.5, 10)


@lookalike(ROLL_OFF)
def a_startup_with_months_to_go(one: Customer) -> Truth:
    return _rolling(one, 900, 200)


def _out(one: Customer, usd: float, bills: int, *, startup: bool = False, **more: object) -> Truth:
    fresh(one)
    invoiced(one, *[max(usd, 50.0)] * bills)
    forecast(one, usd)
    crm(one, is_startup_plan="true" if startup else None, **more)
    return Truth(OUT, implied=MONEY)


@fault(OUT)
def an_old_customer(one: Customer) -> Truth:
    return _out(one, one.between(100, 4_000), round(one.between(4, 12)))


@fault(OUT)
def no_bill_is_coming(one: Customer) -> Truth:
    return _out(one, 0, 0)


@fault(OUT)
def a_startup_with_little_use(one: Customer) -> Truth:
    if one.bill() > 450:
        raise UnsuitableError("much use")
    return _out(one, 0, 0, startup=True)


@inside(OUT)
def the_fourth_bill(one: Customer) -> Truth:
    return _out(one, 900, 4)


@outside(OUT)
def the_third_bill(one: Customer) -> Truth:
    return _out(one, 900, 3)


@lookalike(OUT)
def an_old_customer_we_want_to_work_with(one: Customer) -> Truth:
    return _out(one, 900, 8, hype_startup="true")


def _due(one: Customer, days: int, **fields: object) -> Truth:
    _scoped(one, 900, 2)
    crm(one, next_renewal_date=day(one, days), **fields)
    return Truth(DUE, implied=MONEY)


@fault(DUE)
def it_renews_soon_and_nobody_wrote(one: Customer) -> Truth:
    return _due(one, round(one.between(0, 13)))


@inside(DUE)
def in_fourteen_days(one: Customer) -> Truth:
    return _due(one, 14)


@outside(DUE)
def in_fifteen_days(one: Customer) -> Truth:
    return _due(one, 15)


@lookalike(DUE)
def somebody_wrote_already(one: Customer) -> Truth:
    return _due(one, 7, first_outreach_at=day(one, -9), last_messaged_at=day(one, -9))


@lookalike(DUE)
def it_is_onboarded(one: Customer) -> Truth:
    return _due(one, 7, onboarding_pipeline="3. Onboarding Completed")


def _written(one: Customer, days: int, usd: float = 900, **fields: object) -> Truth:
    _scoped(one, usd, 2)
    crm(
        one,
        onboarding_pipeline="2. Onboarding Initiated",
        first_outreach_at=day(one, -days),
        last_messaged_at=day(one, -days),
    )
    crm(one, **fields)
    return Truth(CHECK_IN, implied=MONEY)


@fault(CHECK_IN)
def the_third_week(one: Customer) -> Truth:
    return _written(one, round(one.between(16, 20)))


@inside(CHECK_IN)
def day_fifteen_or_twenty_one(one: Customer) -> Truth:
    return _written(one, one.pick((15, 21)))


@outside(CHECK_IN)
def day_fourteen_or_twenty_two(one: Customer) -> Truth:
    return _written(one, one.pick((14, 22)))


@lookalike(CHECK_IN)
def the_check_in_was_made(one: Customer) -> Truth:
    return _written(one, 18, check_in_at=day(one, -2))


@lookalike(CHECK_IN)
def a_small_account(one: Customer) -> Truth:
    return _written(one, 18, usd=450)


def _handled(one: Customer, **fields: object) -> Truth:
    _scoped(one, 900, 2)
    crm(one, **fields)
    return Truth(HANDLED, implied=(*MONEY, PAUSED))


@fault(HANDLED)
def onboarding_has_ended(one: Customer) -> Truth:
    stage = one.pick(
        ("3. Onboarding Completed", "6c. Sales Handoff", "6d. Churned", "3. Onboarded")
    )
    return _handled(one, onboarding_pipeline=stage)


@fault(HANDLED)
def a_teammate_is_writing(one: Customer) -> Truth:
    wrote = day(one, -round(one.between(1, 13)))
    return _handled(one, first_outreach_at=day(one, -30), last_messaged_at=wrote)


@inside(HANDLED)
def fourteen_days_of_silence(one: Customer) -> Truth:
    return _handled(one, first_outreach_at=day(one, -30), last_messaged_at=day(one, -14))


@outside(HANDLED)
def fifteen_days_of_silence(one: Customer) -> Truth:
    return _handled(one, first_outreach_at=day(one, -30), last_messaged_at=day(one, -15))


@lookalike(HANDLED)
def nobody_has_written_yet(one: Customer) -> Truth:
    return _handled(one)


def _sales(one: Customer, **fields: object) -> Truth:
    _scoped(one, 900, 2)
    crm(one, **fields)
    return Truth(SALES, implied=MONEY)


@fault(SALES)
def a_lead_a_person_or_a_segment(one: Customer) -> Truth:
    return _sales(
        one,
        **one.pick(
            (
                {"temporary_owner": "Sales development"},
                {"account_executive_id": "005A"},
                {"csm_id": "005B"},
                {"segments": "AM Managed"},
                {"segments": "Create AE lead"},
                {"onboarding_pipeline": "6c. Sales Handoff"},
            )
        ),
    )


@lookalike(SALES)
def only_onboarding_knows_it(one: Customer) -> Truth:
    return _sales(one, segments="Onboarding Lead, Paid two nonzero bills", temporary_owner="")


def _graduated(one: Customer, bills: int, stage: str = "2. Onboarding Initiated") -> Truth:
    _scoped(one, 900, bills)
    crm(one, onboarding_pipeline=stage)
    return Truth(PAID, implied=MONEY)


@fault(PAID)
def three_bills_and_still_on_the_list(one: Customer) -> Truth:
    return _graduated(one, round(one.between(3, 9)))


@outside(PAID)
def two_bills_paid(one: Customer) -> Truth:
    return _graduated(one, 2)


@lookalike(PAID)
def three_bills_and_done(one: Customer) -> Truth:
    return _graduated(one, 3, "3. Onboarding Completed")


def _objecting(one: Customer, **fields: object) -> Truth:
    crm(one, **fields)
    one.fixed.discard("crm")
    return Truth(PAUSED, implied=("churn_risk", "health_poor"))


@fault(PAUSED)
def there_is_something_to_clear_up(one: Customer) -> Truth:
    return _objecting(
        one,
        **one.pick(
            (
                {"open_conversation": "true"},
                {"pricing_complaint": "yes"},
                {"champion_left": "true"},
                {"evaluating_alternatives": "true"},
                {"urgent_tickets": 1},
            )
        ),
    )


@lookalike(PAUSED)
def everything_was_cleared_up(one: Customer) -> Truth:
    return _objecting(one, open_conversation="false", pricing_complaint="no", urgent_tickets=0)


def _advised(one: Customer, days: int, *, waste: bool = True, **fields: object) -> Truth:
    if one.quantities().get("enhanced_persons", 0) < 1_200_000:
        raise UnsuitableError("nothing to save")
    if waste:
        subscribed_and_no_code_sends_a_group(one)
    crm(one, advised_at=day(one, -days), **fields)
    one.fixed.discard("crm")
    return Truth(ADVICE, implied=MONEY)


@fault(ADVICE)
def weeks_ago_and_nothing_happened(one: Customer) -> Truth:
    return _advised(one, round(one.between(16, 60)))


@inside(ADVICE)
def two_weeks_ago(one: Customer) -> Truth:
    return _advised(one, 14)


@outside(ADVICE)
def thirteen_days_ago_advised(one: Customer) -> Truth:
    return _advised(one, 13)


@lookalike(ADVICE)
def nothing_is_left_to_save(one: Customer) -> Truth:
    return _advised(one, 30, waste=False)


@lookalike(ADVICE)
def it_was_followed_in_part(one: Customer) -> Truth:
    return _advised(one, 30, advice_followed="true")
