from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.spdci.record import described
from tests.sync.spdci import samples
from tests.sync.spdci.test_canonical import JSON

anna = samples.person(samples.ANNA, "Anna", "Ķēniņa", "1975-11-16")
janis = samples.person(samples.JANIS, "Jānis", "Bērziņš", "1980-03-12")


def test_a_group_is_its_members_and_each_carries_the_groups_number() -> None:
    humans = described(samples.group(samples.member(anna, "M1"), samples.member(janis, "M2")))
    assert [(human.identifier(["NID"]), human.identifier(["MEMBER"]), human.group) for human in humans] == [
        (samples.ANNA, "M1", "MS-204"),
        (samples.JANIS, "M2", "MS-204"),
    ]


def test_a_group_without_members_is_its_head() -> None:
    head = samples.group(samples.member(anna, "M1")) | {"member_list": []}
    assert [human.identifier(["NID"]) for human in described(head)] == [samples.ANNA]


def test_a_groups_own_number_is_nobodys_code() -> None:
    bare = samples.member({"name": {"surname": "Bez"}}, "M1")
    record = samples.group(bare) | {"group_identifier": [{"identifier_type": "NID", "identifier_value": samples.OLGA}]}
    [human] = described(record)
    assert (human.identifier(["NID"]), human.group) == ("", samples.OLGA)


def test_members_directly_in_the_demographic_part_and_prefixed_names_are_read() -> None:
    one = {
        "@type": "spdci:Member",
        "member_identifier": "M987654323",
        "demographic_info": {
            "@type": "SRPerson",
            ":identifier": [{"@type": "Identifier", "identifier_type": "NationalID", "identifier_value": samples.OLGA}],
        },
        "spdci:registration_date": "2022-01-10T08:00:00Z",
    }
    [human] = described(one)
    assert human.identifier(["NationalID"]) == samples.OLGA
    assert human.first("registration_date") == "2022-01-10T08:00:00Z"


def test_the_innermost_member_that_says_something_counts() -> None:
    [human] = described(samples.group(samples.member(anna, "M1") | {"registration_date": " "}))
    assert human.first("registration_date") == "2022-05-20T00:00:00Z"
    assert human.first("last_update", "death_date") is None


NAMES = st.sampled_from(
    (
        *("member_list", "group_head_info", "household_member", "member", "demographic_info", "person"),
        *("identifier", "identifier_type", "identifier_value", "name", ":", "@id"),
    )
)


@given(st.recursive(JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)))
def test_any_object_describes_somebody_or_nobody(record: Any) -> None:
    for human in described(record if isinstance(record, dict) else {"person": record}):
        assert isinstance(human.identifier(["NID"]), str)
