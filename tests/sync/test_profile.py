"""A list as its profile reads it."""

from typing import Any

import pytest

from sync.errors import ColumnsMismatch, ProfileInvalid
from sync.notice import StatusFact
from sync.profile import Given, Line, Profile, fitted, heading_of, lines, profile_from_json
from sync.rows import RawRow, read_row, to_line

GIVEN = Given(["TRUCIGA", "INV1"], "Sociālais dienests", 17, lambda about: f"u-{about}")
CODE = "010190-11119"
HEADINGS = ["Personas kods", "Statuss", "No", "Līdz", "Lēmuma numurs", "Lēmuma datums"]


def read(profile: Profile, *rows: list[str]) -> list[Line]:
    return list(lines(profile, [*rows], GIVEN))


def test_a_row_becomes_an_event_that_can_be_read() -> None:
    (line,) = read(Profile(), HEADINGS, [CODE, "inv1", "01.03.2026", "31.05.2026", "7/2026", "28.02.2026"])
    stated = read_row(RawRow(1, to_line(line.data)))
    assert isinstance(stated, StatusFact)
    assert (stated.record_id, stated.version, stated.status) == ("u-01019011119|INV1|2026-03-01", 17, "INV1")
    assert stated.decision is not None
    assert stated.decision.authority == "Sociālais dienests"
    assert (line.number, line.anonymous, line.versioned, line.restored) == (2, True, False, False)


def test_what_rows_do_not_say_the_profile_does() -> None:
    profile = Profile(status="TRUCIGA", valid_from="2026-01-01", valid_to="2026-12-31")
    first, second = read(profile, ["kods", "no"], [CODE], [], [CODE, "2026-03-01"])
    assert (first.data["valid_from"], first.data["valid_to"], first.data["status"]) == (
        *("2026-01-01", "2026-12-31", "TRUCIGA"),
    )
    # a day that was typed for all of them is no part of a record's name: another one corrects it
    assert first.data["record_id"] == "u-01019011119|TRUCIGA|"
    assert (second.number, second.data["valid_from"]) == (4, "2026-03-01")


def test_own_records_and_versions_are_kept() -> None:
    heading = ["record_id", "version", "op", "code", "household"]
    (line,) = read(Profile(), heading, ["S-1", "3", "withdraw", CODE, "M7"])
    assert (line.data["record_id"], line.data["version"], line.data["op"]) == ("S-1", 3, "withdraw")
    assert (line.data["household"], line.anonymous, line.versioned) == ("M7", False, True)
    assert read(Profile(), heading, ["S-1", "3a", "", CODE])[0].data["version"] == "3a"


def test_saved_columns_go_before_headings_and_what_was_left_out_stays_out() -> None:
    rows = [["kods", "Identifikators", "no"], ["1", CODE, "2026-03-01"]]
    saved = Profile(columns={"code": "Identifikators", "valid_from": "", "status": "Gone"})
    assert fitted(saved, rows) == {"code": "Identifikators"}
    assert heading_of(saved, [["Title"], *rows]) == 1


@pytest.mark.parametrize("rows", [[], [[CODE, "A"]], [[], ["List"], [CODE, "A"]]])
def test_a_list_without_headings_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(ColumnsMismatch):
        heading_of(Profile(), rows)


def test_a_list_needs_a_column_of_codes() -> None:
    with pytest.raises(ColumnsMismatch):
        read(Profile(), ["Kas", "Kad"], ["x", "y"])
    assert heading_of(Profile(heading=2), [["a"], ["kods"]]) == 1


def test_a_profile_is_kept_as_json() -> None:
    profile = Profile(columns={"code": "PK"}, encoding="cp1257", delimiter=";", dates="dotted", heading=3)
    assert profile_from_json(profile.to_json()) == profile
    assert profile_from_json({}) == Profile()


@pytest.mark.parametrize(
    "stored",
    [
        *(
            None,
            {"x": 1},
            {"columns": []},
            {"columns": {"income": "A"}},
            {"columns": {"code": 1}},
            {"status": "x" * 201},
        ),
        *({"encoding": "cp1258"}, {"kind": "whole"}, {"heading": 21}, {"heading": True}, {"heading": "1"}),
    ],
)
def test_a_damaged_profile_is_refused(stored: Any) -> None:
    with pytest.raises(ProfileInvalid):
        profile_from_json(stored)
