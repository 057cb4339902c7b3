"""What a prediction is about, in a few words, is exactly what its check cuts."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.verify.basis import ORDER, Group, _groups, groups, kept_groups, read_groups, usage


def units(rows, some):
    return sum(rows.loc[g.members(rows), "quantity"].sum() * g.share for g in some)


def test_the_words_name_the_units_that_the_check_cuts(audited, faulty):
    for identity in faulty[:4]:
        terms = audited("then", identity).terms
        rows = usage(terms)
        for fix in terms.fixes:
            cut = (rows["quantity"].to_numpy()[fix.part.row] * fix.part.share).sum()

            told = read_groups(kept_groups(groups(terms, fix)))

            assert units(rows, told) == pytest.approx(cut, rel=1e-6)


def test_a_library_nobody_asked_about_is_left_out_so_that_a_new_one_counts(audited, faulty):
    terms = audited("then", faulty[0]).terms
    fix = next(f for f in terms.fixes if f.finding_id.startswith("autocapture_unread"))

    for group in groups(terms, fix):
        assert group.place["event"] == "$autocapture"
        assert "library" not in group.place


ROWS = st.lists(
    st.tuples(
        *(st.sampled_from("ab") for _ in range(4)),
        st.booleans(),
        st.booleans(),
        st.integers(1, 1000),
        st.sampled_from([0.0, 0.0, 0.5, 1.0]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[:6],
)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_any_cut_is_told_exactly(rows):
    names = ["project_id", "event", "library", "host_class", "identified", "known_person"]
    frame = pd.DataFrame(rows, columns=[*names, "quantity", "share"]).assign(meter="m")

    told = _groups("m", frame)

    cut = (frame["quantity"] * frame["share"]).sum()
    assert units(frame, told) == pytest.approx(cut)
    found = [group.members(frame) for group in told]
    assert not found or sum(one.astype(int) for one in found).max() <= 1, "no row counts twice"
    assert all(set(group.place) <= set(ORDER) for group in told)


def test_a_group_without_words_is_the_whole_meter():
    frame = pd.DataFrame({"meter": ["a", "b"], "quantity": [1.0, 2.0]})

    assert list(Group("a", {}, 1.0).members(frame)) == [True, False]
