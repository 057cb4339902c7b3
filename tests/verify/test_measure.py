"""What came of predictions, held to what was truly fixed and to the audit's own prices."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from audit import examine, load_account
from audit.ledger.records import Contact, Contacted, Verdict
from audit.pricing import Catalogue
from audit.sources.sample import adopting
from audit.store import publish
from audit.verify import SavingsReview, calibration, measured

from .conftest import NOW, THEN

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reviews(audited, predicted, faulty):
    """By organization: the run, its predictions, and what came of them in the fixed store."""
    found = {}
    for identity in faulty:
        run, predictions = predicted(audited("then", identity))
        later = audited("fixed", identity)
        found[identity] = predictions, measured(later, run, predictions, [])
    return found


def test_what_was_fixed_is_found_and_nothing_else(reviews, fixed):
    """The truth is the sample's: what it fixed, and how much it left."""
    truth = {(r.organization_id, r.project_id, r.check): r.left for r in fixed[1].itertuples()}
    seen = set()
    for predictions, review in reviews.values():
        place = {one.id: (one.organization_id, one.project_id, one.check) for one in predictions}
        for outcome in review.outcomes:
            key = place[outcome.prediction_id]
            assert outcome.verdict.adopted == (key in truth), (key, outcome)
            if key in truth:
                seen.add(key)
                # The kind itself strays by itself, as the sample says, so its share may too.
                assert outcome.share == pytest.approx(1 - truth[key], abs=0.06)
    assert len(seen) >= 4


def test_what_is_saved_is_what_the_audit_of_that_day_says_it_saves(
    unchanged, predicted, audited, tmp_path, faulty
):
    """All of a cut gone, at the same traffic: the saving is that of the ranking, to the cent."""
    rows = unchanged.tables["usage_rows"]
    exact = {**unchanged.tables}
    identity = faulty[0]
    before = audited("unchanged", identity)
    finding = next(f for f in before.findings if f.check == "autocapture_unread")
    gone = (
        (rows["organization_id"] == identity)
        & (rows["project_id"] == finding.project_id)
        & (rows["event"] == "$autocapture")
    ).to_numpy()
    quantity = rows["quantity"].to_numpy(dtype="int64")
    changed = rows.assign(quantity=np.where(gone, 0, quantity))
    changed = changed.astype(rows.dtypes)
    exact["usage_daily"] = adopting._daily(unchanged, changed)
    exact["usage_rows"] = changed[~gone].reset_index(drop=True)
    store = publish(tmp_path / "exact.duckdb", exact)
    after = examine(load_account(identity, store=str(store)))
    run, predictions = predicted(before)
    earlier = NOW - timedelta(days=60)
    run = replace(run, as_of=earlier)
    one = [
        replace(p, as_of=earlier, due_on=earlier) for p in predictions if p.finding_id == finding.id
    ]

    review = measured(after, run, one, [])

    saved = before.bill.total - after.bill.total
    assert saved == pytest.approx(finding.saving.alone, abs=Decimal("0.05")), (
        "the day's own rounding"
    )
    assert review.outcomes[0].share == pytest.approx(1.0, abs=1e-3)
    assert review.outcomes[0].saved == pytest.approx(saved, abs=Decimal("0.05"))
    assert review.saved == review.outcomes[0].saved


def test_where_nothing_was_done_nothing_is_said_to_be_saved(audited, predicted, faulty):
    for identity in faulty:
        run, predictions = predicted(audited("then", identity))
        review = measured(audited("unchanged", identity), run, predictions, [])

        assert not [one for one in review.outcomes if one.verdict.adopted]
        assert review.saved == 0


def test_an_answer_on_record_tells_it_from_what_was_done_without(audited, predicted, reviews):
    identity, outcome = next(
        (identity, one)
        for identity, (_, review) in reviews.items()
        for one in review.outcomes
        if one.verdict is Verdict.WITHOUT_REPLY
    )
    run, predictions = predicted(audited("then", identity))
    before = Contact(identity, Contacted.ANSWERED, THEN - timedelta(days=1), "Ada")
    after = Contact(identity, Contacted.ANSWERED, THEN + timedelta(days=9), "Ada")
    sent = Contact(identity, Contacted.SENT, THEN + timedelta(days=9), "Ada")

    def verdict(*contacts):
        found = measured(audited("fixed", identity), run, predictions, contacts).outcomes
        return next(o.verdict for o in found if o.prediction_id == outcome.prediction_id)

    assert verdict(after) in (Verdict.ACHIEVED, Verdict.PARTIAL)
    assert verdict(before) is verdict(sent) is Verdict.WITHOUT_REPLY


def test_a_bill_that_is_no_smaller_masks_what_was_done(audited, predicted, reviews):
    identity, outcome = next(
        (identity, one)
        for identity, (_, review) in reviews.items()
        for one in review.outcomes
        if one.verdict.adopted
    )
    run, predictions = predicted(audited("then", identity))
    small = replace(run, bill=Decimal("1.00"))

    found = measured(audited("fixed", identity), small, predictions, []).outcomes

    told = next(o for o in found if o.prediction_id == outcome.prediction_id)
    assert told.verdict is Verdict.MASKED
    assert told.saved == outcome.saved


def test_its_clock_runs_first(audited, predicted, faulty):
    audit = audited("then", faulty[0])
    run, predictions = predicted(audit)

    same_day = measured(audit, run, predictions, [])
    assert not same_day.outcomes
    assert len(same_day.waiting) == len(predictions)
    long_ago = [replace(p, due_on=THEN) for p in predictions]
    later = audited("unchanged", faulty[0])
    wide = replace(later, period=replace(later.period, start=THEN - timedelta(days=1)))
    waiting = measured(wide, run, long_ago, []).waiting
    assert len(waiting) == len(predictions)
    assert "partly before it" in waiting[0][1]


def test_a_unit_that_two_changes_are_about_counts_once(audited, predicted, reviews):
    for identity, (_, review) in reviews.items():
        adopted = [one for one in review.outcomes if one.verdict.adopted]
        if not adopted:
            assert review.saved == 0
            continue
        run, predictions = predicted(audited("then", identity))
        twice = [*predictions, *(replace(p, id=p.id + 100) for p in predictions)]

        again = measured(audited("fixed", identity), run, twice, [])

        assert again.saved == review.saved
        done = sum(one.verdict.adopted for one in again.outcomes)
        assert done == len(adopted), "the second of the same explains nothing more"


def test_the_sentence_names_a_fall_and_no_cause(audited, predicted, reviews):
    told = [review for _, review in reviews.values() if review.sentence]
    assert told
    for review in told:
        assert "dropped" in review.sentence
        assert not any(word in review.sentence for word in ("because", "thanks", "we "))
        assert review.bill_now < review.bill_then


def test_two_recorded_audits_of_an_account_are_not_added_up(reviews):
    """A finding that was predicted twice is saved once."""
    known = tuple(review for _, review in reviews.values())
    once = SavingsReview(known, calibration([], []), is_sample=False)
    twice = SavingsReview((*known, *known), calibration([], []), is_sample=False)

    assert once.saved == sum(one.saved for one in known)
    assert twice.saved == once.saved > 0


def test_a_flat_package_is_one_a_month_whatever_traffic_does(audited, predicted, faulty):
    audit = audited("unchanged", faulty[0])
    run, predictions = predicted(audited("then", faulty[0]))
    row = {"meter": "boost", "project_id": "", "event": "", "library": "", "host_class": ""}
    row |= {"identified": False, "known_person": False, "quantity": 1.0}
    usage = {name: [*values, row[name]] for name, values in run.usage.items()}
    basis = {
        "groups": [{"meter": "boost", "place": {}, "share": 1.0}],
        "ahead": {"boost": [1.2, 1.3, 1.4]},
    }
    one = replace(predictions[0], check="package", basis=basis)

    found = measured(audit, replace(run, usage=usage), [one], []).outcomes[0]

    price = Catalogue.load().metered_schedule("boost", NOW).cost(1)
    assert (found.share_low, found.share_high) == (1.0, 1.0)
    assert found.saved_low == found.saved == found.saved_high
    assert found.saved == pytest.approx(price, abs=Decimal("0.01")), "its tiers are flat"


def test_what_has_no_price_saves_an_unknown_amount_and_not_nothing(audited, predicted, faulty):
    audit = audited("unchanged", faulty[0])
    run, predictions = predicted(audited("then", faulty[0]))
    rows = {**run.usage, "meter": ["gone_product" for _ in run.usage["meter"]]}
    basis = {"groups": [{"meter": "gone_product", "place": {}, "share": 1.0}], "ahead": {}}

    review = measured(audit, replace(run, usage=rows), [replace(predictions[0], basis=basis)], [])

    assert review.outcomes[0].verdict.adopted
    assert review.outcomes[0].saved is None
    assert review.saved is None
