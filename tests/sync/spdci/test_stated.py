from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sync.spdci.record import described
from sync.spdci.stated import statuses
from tests.sync.spdci import samples

KNOWN = {"TRUCIGA", "is_disabled=1", "marital_status=widow"}
ON = date(2026, 3, 10)
anna = samples.person(samples.ANNA, "Anna", "Ķēniņa", "1975-11-16")


def said(record: dict[str, Any], known: set[str] = KNOWN) -> list[tuple[Any, ...]]:
    [human] = described(record)
    return [
        (one.get("status"), one.get("op"), one.get("valid_from"), one.get("valid_to"))
        for one in statuses(human, known, ON)
    ]


def test_a_coded_member_states_the_status_or_takes_it_back() -> None:
    member = samples.member(anna, "M1")
    assert said(member) == [
        ("is_disabled=1", "withdraw", "2022-01-10", None),
        ("marital_status=widow", "upsert", "2022-01-10", None),
    ]
    for told in (True, "1", 1):
        assert ("is_disabled=1", "upsert", "2022-01-10", None) in said(member | {"is_disabled": told})
    assert said(member | {"registration_date": "", "is_disabled": {}}) == [
        ("marital_status=widow", "upsert", "2026-03-10", None)
    ]
    assert said(member, {"TRUCIGA"}) == []


def test_the_agreed_attribute_may_be_named_or_a_member_one_or_many() -> None:
    value = samples.needy()["attribute_value"]
    line = ("TRUCIGA", "upsert", "2026-03-01", "2026-05-31")
    for attributes in (
        [samples.needy()],
        samples.needy(),
        {"social_status": value},
        [{"services": "x"}, {"social_status": [value]}],
    ):
        assert said({"additional_attributes": attributes}) == [line]
    assert said({"additional_attributes": [7, {"attribute_name": "services", "attribute_value": value}]}) == []


@pytest.mark.parametrize(
    ("enrolment", "expected"),
    [
        ({}, ("TRUCIGA", "upsert", "2026-03-01", None)),
        ({"enrolment_status": "6"}, ("TRUCIGA", "upsert", "2026-03-01", None)),
        ({"enrolment_status": 4}, ("TRUCIGA", "withdraw", "2026-03-01", None)),
        (
            {"enrolment_status": "Graduated", "status_change_date": "01.06.2026"},
            ("TRUCIGA", "upsert", "2026-03-01", "2026-05-31"),
        ),
        (
            {"enrolment_status": "Suspended", "status_change_date": "01.03.2026"},
            ("TRUCIGA", "withdraw", "2026-03-01", None),
        ),
        ({"enrolment_status": "Maybe"}, ("TRUCIGA", "maybe", "2026-03-01", None)),
        ({"enrolment_date": ""}, ("TRUCIGA", "upsert", "", None)),
    ],
)
def test_an_enrolment_is_read_with_its_status(enrolment: dict[str, Any], expected: tuple[Any, ...]) -> None:
    record = samples.beneficiary(samples.JANIS, **enrolment)
    assert said(record, {"TRUCIGA"}) == [expected]


def test_programmes_that_the_table_does_not_name_are_passed_over() -> None:
    other = samples.beneficiary(samples.JANIS, programme={"programme_identifier": "PARTIKA"})
    nothing = samples.beneficiary(samples.JANIS, programme="TRUCIGA")
    assert said(other, {"TRUCIGA"}) == said(nothing, {"TRUCIGA"}) == []
