"""What a rule depends on, of whom."""

from rules.condition import All, Has, parse, reads
from rules.reads import Via
from tests.rules.draws import KINDS


def test_reads_names_everything_the_condition_depends_on() -> None:
    condition = parse(
        {
            "all": [
                {"held": {"of": {"has": {"fact": "study"}}, "months": 1}},
                {"except": {"of": {"member": {"group": "repressed"}}, "unless": {"has": {"fact": "needy"}}}},
                {"during": "school"},
                {"age": {"op": "lt", "years": 24}},
                {"age": {"op": "lt", "years": {"cohort": "pension"}}},
                {"num": {"fact": "income", "op": "le", "value": {"param": "threshold"}}},
            ]
        },
        KINDS,
    )
    found = reads(condition)
    assert found.facts == {"study", "needy", "income"}
    assert found.groups == {"repressed"}
    assert found.calendars == {"school"}
    assert found.parameters == {"threshold"}
    assert found.cohorts == {"pension"}
    assert found.relations == frozenset()
    assert found.born
    assert not reads(All((Has("needy"),))).born


def test_what_is_read_of_relatives_is_told_by_the_way_to_them() -> None:
    condition = parse(
        {
            "all": [
                {"has": {"fact": "needy"}},
                {
                    "related": {
                        "relation": "guardian",
                        "where": {"count": {"relation": "child", "op": "ge", "value": 3}},
                    }
                },
                {"related": {"relation": "child", "where": {"has": {"fact": "study"}}}},
            ]
        },
        KINDS,
    )
    nothing: frozenset[str] = frozenset()
    found = reads(condition)
    assert found.relations == {"guardian", "child"}
    assert found.via == (
        Via((), frozenset({"needy"}), nothing, born=False),
        Via(("child",), frozenset({"study"}), nothing, born=True),
        Via(("guardian",), nothing, nothing, born=True),
        Via(("guardian", "child"), nothing, nothing, born=True),
    )


def test_a_group_by_condition_reads_what_its_condition_reads() -> None:
    member = parse({"member": {"group": "helped"}}, KINDS)
    assert reads(member).facts == frozenset()
    through = reads(member, KINDS.definitions)
    assert through.facts == {"needy", "study"}
    assert through.groups == {"helped", "repressed"}
    assert through.born
