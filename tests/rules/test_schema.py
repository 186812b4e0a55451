"""The condition language as JSON Schema."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given

import rules
from rules.condition import Condition, parse, to_json
from rules.errors import Refused
from rules.schema import schema, written
from rules.vocabulary import Vocabulary
from tests.rules.draws import KINDS, conditions
from tests.rules.test_condition import ONLY_READ, REFUSED

OPEN = jsonschema_rs.validator_for(schema())
CLOSED = jsonschema_rs.validator_for(schema(KINDS))


def test_the_schema_that_is_handed_out_is_the_one_in_force() -> None:
    file = Path(rules.__file__).parent / "schemas" / "condition.json"
    assert file.read_text() == written()
    jsonschema_rs.meta.validate(json.loads(file.read_text()))


@given(conditions)
def test_every_condition_fits_the_schema(condition: Condition) -> None:
    assert OPEN.is_valid(to_json(condition))
    assert CLOSED.is_valid(to_json(condition))


@pytest.mark.parametrize("value", [value for value, _, _ in REFUSED])
def test_what_is_refused_does_not_fit_the_schema_of_its_vocabulary(value: object) -> None:
    assert not CLOSED.is_valid(value)


@pytest.mark.parametrize("value", [value for value, _, _ in ONLY_READ])
def test_what_only_a_reader_can_see_is_left_to_the_reader(value: object) -> None:
    assert CLOSED.is_valid(value)
    with pytest.raises(Refused):
        parse(value, KINDS)


def test_where_there_are_no_words_nothing_fits() -> None:
    bare = jsonschema_rs.validator_for(schema(Vocabulary.of()))
    assert not bare.is_valid({"has": {"fact": "needy"}})
    assert not bare.is_valid({"member": {"group": "repressed"}})
    assert bare.is_valid({"age": {"op": "ge", "years": 65}})
