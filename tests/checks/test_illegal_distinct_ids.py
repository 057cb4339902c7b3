"""People identified by an id that stands for nobody."""

CHECK = "illegal_distinct_ids"
TYPE = "cannot_merge_with_illegal_distinct_id"


def test_one_such_id_is_enough(acme):
    found = acme().warning(TYPE, 1).finding(CHECK)

    assert found.message == (
        "Project 1 identified people by an id that stands for nobody at least 1 time."
    )


def test_none_is_fine_whatever_else_was_warned_of(acme):
    one = acme().warning(TYPE, 0).warning("cannot_merge_already_identified", 500)

    assert one.flagged(CHECK) == []


def test_no_warning_is_fine_even_with_a_threshold_of_none(acme):
    one = acme().warning("cannot_merge_already_identified", 500)

    assert one.findings(CHECK, warnings_count=0) == []


def test_without_its_facts_it_is_not_evaluated(acme):
    gap = acme().warning(TYPE, 5).without("ingestion_warnings").gap(CHECK)

    assert (gap.missing, gap.reason) == ("illegal_id_warnings", "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    one = acme().warning(TYPE, 9, project="9").warning(TYPE, 10, project="10")

    assert [f.project_id for f in one.findings(CHECK, warnings_count=10)] == ["10"]
