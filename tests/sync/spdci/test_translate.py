from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.message import read_event
from sync.notice import Notice, Op, PersonDied, StatusFact
from sync.spdci.translate import AHEAD, Profile, Telling, events_of
from sync.verdict import RowError
from tests.sync.spdci import samples
from tests.sync.spdci.test_canonical import JSON

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
STATED = AT - timedelta(seconds=90)
TOLD = Telling("m-1", AT, AT, lambda code: f"<{len(code)}>")
PROFILE = Profile("sr", {"TRUCIGA", "is_disabled=1"})


def read(record: dict[str, Any], profile: Profile = PROFILE) -> list[Notice | RowError]:
    return [read_event({"id": "e", **event}) for event in events_of(TOLD, profile, record, STATED)]


def facts(record: dict[str, Any], profile: Profile = PROFILE) -> list[StatusFact]:
    return [one.data for one in read(record, profile) if isinstance(one, Notice) and isinstance(one.data, StatusFact)]


def needy(code: str = samples.ANNA, **members: Any) -> dict[str, Any]:
    human = samples.person(code, "Žanete", "Ķēniņa", "1975-11-16")
    usual = {"is_disabled": "", "additional_attributes": [samples.needy()]}
    return samples.member(human, "M1") | usual | members


def version(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def test_a_member_becomes_a_fact_with_names_and_birth_date() -> None:
    [fact] = facts(needy())
    assert (fact.record_id, fact.version, fact.op) == ("<11>/TRUCIGA", version(STATED), Op.UPSERT)
    person = fact.person
    assert (person.code, person.given_name, person.family_name) == (samples.ANNA.replace("-", ""), "Žanete", "Ķēniņa")
    assert (str(person.birth_date), str(fact.valid_until), fact.household) == ("1975-11-16", "2026-06-01", None)


def test_the_members_of_a_group_are_of_its_household() -> None:
    assert {fact.household for fact in facts(samples.group(needy(), needy(samples.JANIS)))} == {"MS-204"}


@pytest.mark.parametrize("listed", [True, False])
def test_a_name_may_be_one_or_a_list_and_two_given_names_are_one_text(listed: bool) -> None:
    [fact] = facts(samples.sr_person(samples.ANNA, listed=listed, kind="Person"))
    assert (fact.status, fact.person.given_name, fact.person.family_name) == ("is_disabled=1", "Žanete", "Ķēniņa")
    [enrolled] = [fact for fact in facts(samples.beneficiary(samples.JANIS)) if fact.status == "TRUCIGA"]
    assert enrolled.person.given_name == "Jānis Pēteris"


def test_the_newest_update_is_the_version_and_the_moment_of_the_telling_stands_in() -> None:
    grouped = samples.group(needy(last_updated="2026-03-09T12:00:00Z")) | {"last_update": "2026-03-08T12:00:00Z"}
    [fact] = facts(grouped)
    assert fact.version == version(datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert facts(needy())[0].version == version(STATED)


@pytest.mark.parametrize("written", ["soon", 7, (AT + AHEAD + timedelta(seconds=1)).isoformat()])
def test_an_update_that_cannot_be_read_or_is_still_to_come_is_no_version(written: Any) -> None:
    [line] = read(needy(last_updated=written))
    assert isinstance(line, RowError)
    assert (line.code, line.pointer) == ("version.invalid", "/data/version")


def test_a_registrys_own_number_names_the_record_where_that_is_agreed() -> None:
    agreed = Profile("sr", PROFILE.statuses, number_type="MEMBER")
    assert facts(needy(), agreed)[0].record_id == "M1/TRUCIGA"
    [line] = read(needy(member_identifier=""), agreed)
    assert isinstance(line, RowError)
    assert line.code == "record_id.missing"


@pytest.mark.parametrize(
    ("record", "code", "pointer"),
    [
        (needy(""), "person_code.invalid", "/data/person/code"),
        (needy("161175-19998"), "person_code.invalid", "/data/person/code"),
        (needy(additional_attributes=[samples.needy(colour="red")]), "schema.unsupported", "/data/colour"),
        (needy(additional_attributes=[samples.needy(valid_from="")]), "valid_from.invalid", "/data/valid_from"),
        (
            needy(additional_attributes={"social_status": {"status": "TRUCIGA", "valid_from": "2026-03-01"}}),
            "valid_to.invalid",
            "/data/valid_to",
        ),
        (samples.beneficiary(samples.JANIS, enrolment_status="Maybe"), "op.unknown", "/data/op"),
    ],
)
def test_what_is_wrong_stays_in_its_event_to_be_refused_there(record: Any, code: str, pointer: str) -> None:
    errors = [(one.code.value, one.pointer) for one in read(record) if isinstance(one, RowError)]
    assert errors == [(code, pointer)]


def test_a_death_is_told_with_the_code_alone() -> None:
    human = samples.person(samples.ANNA, "Žanete", "Ķēniņa", "1975-11-16") | {"death_date": "05.03.2026"}
    [line] = read(samples.member(human, "M1") | {"is_disabled": ""})
    assert isinstance(line, Notice)
    assert isinstance(line.data, PersonDied)
    assert (str(line.data.died_on), line.data.record_id, line.data.person.family_name) == (
        "2026-03-05",
        "<11>/death",
        None,
    )
    assert read(samples.member(human | {"is_deceased": "0"}, "M1") | {"is_disabled": ""}) == []


OTHERS = "person", "identifier", "name", "birth_date", "death_date", "last_updated"
MEMBERS = st.sampled_from((*needy(), *OTHERS))
ODD = st.recursive(JSON, lambda inner: st.dictionaries(MEMBERS, inner, max_size=3), max_leaves=4)


@given(st.dictionaries(MEMBERS, ODD, max_size=4))
def test_any_record_becomes_events_that_are_read_or_refused(record: Any) -> None:
    for line in read(needy() | record):
        assert isinstance(line, Notice | RowError)
