"""The golden decisions: up to date, in the shape of their schema, and complete."""

import json

import jsonschema_rs
import pytest

from rules import wire
from rules.reason import Reason
from rules.shape import Json
from tests.terminals.golden.shapes import decided
from tests.terminals.make_vectors import DECISIONS, FILE, written

VECTORS: list[Json] = json.loads(FILE.read_text())
SCHEMA = json.loads(FILE.with_suffix(".schema.json").read_text())
# two cases of this range are refused when the right is applied for, and no tap tells of them
CASES = {f"T{number:02}" for number in (*range(6, 22), *range(33, 39))} - {"T12", "T13"}


def test_the_file_holds_what_the_sources_say() -> None:
    assert FILE.read_text() == written(), "run python -m tests.terminals.make_vectors, and read what has changed"
    assert len({str(vector["name"]) for vector in DECISIONS}) == len(DECISIONS)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_golden_decision_is_given(vector: Json) -> None:
    assert wire.decision_to_json(decided(vector)) == vector["decision"]


def test_every_vector_has_the_shape_of_the_schema() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    assert jsonschema_rs.validator_for(SCHEMA).is_valid(VECTORS)


def test_they_cover_every_reason_that_a_decision_can_give() -> None:
    presentation = {"MALFORMED", "UNKNOWN_KEY", "BAD_SIGNATURE", "SCREENSHOT", "PRESENTATION_STALE"}
    assert {vector["decision"]["reason"] for vector in VECTORS} == set(Reason.__members__) - presentation  # type: ignore[index]


def test_every_acceptance_case_of_a_tap_is_among_them() -> None:
    assert {vector["case"] for vector in VECTORS if "case" in vector} == CASES
