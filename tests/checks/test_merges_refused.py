"""Refused merges of people who were already identified."""

CHECK = "merges_refused"
TYPE = "cannot_merge_already_identified"


def test_refused_merges_are_flagged_as_a_lower_bound(acme):
    found = acme().warning(TYPE, 1_034).finding(CHECK)

    assert found.message == (
        "At least 1,034 merges of people were refused in Project 1, because the person was "
        "already identified."
    )
    assert found.saving.alone == 0


def test_ten_of_a_type_are_an_issue(acme):
    one = acme()
    for count in (0, 9, 10, 11):
        one.warning(TYPE, count, project=str(count))

    assert one.flagged(CHECK) == ["10", "11"]


def test_warnings_of_another_type_are_none_of_it(acme):
    one = acme().warning("cannot_merge_with_illegal_distinct_id", 500)

    assert one.warning("message_size_too_large", 500, project="2").flagged(CHECK) == []


def test_without_its_facts_it_is_not_evaluated(acme):
    gap = acme().warning(TYPE, 500).without("ingestion_warnings").gap(CHECK)

    assert (gap.missing, gap.reason) == ("refused_merges", "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    assert acme().warning(TYPE, 10).findings(CHECK, warnings_count=11) == []
