"""The JSON shapes of a decision's inputs and of its result."""

import json

import pytest
from hypothesis import given

from rules import wire
from rules.claim import Holder, Memory, Tap, TerminalState
from rules.decision import AllTerms, decide
from rules.errors import MissingKey, OutOfRange, Refused, UnknownKey, UnknownWord, WrongType
from rules.shape import Json
from tests.rules.taps import all_terms, holders, memories, taps, terminals


def through_text(value: object) -> object:
    return json.loads(json.dumps(value))


@given(taps, holders, all_terms, memories, terminals)
def test_every_shape_written_and_read_is_the_same(
    tap: Tap, holder: Holder, terms: AllTerms, memory: Memory, terminal: TerminalState
) -> None:
    again = wire.tap_from_json(through_text(wire.tap_to_json(tap)))
    assert again == tap
    assert wire.holder_from_json(through_text(wire.holder_to_json(holder))) == holder
    assert wire.terms_from_json(through_text(wire.terms_to_json(terms))) == terms
    assert wire.memory_from_json(through_text(wire.memory_to_json(memory))) == memory
    assert wire.terminal_from_json(through_text(wire.terminal_to_json(terminal))) == terminal
    decision = decide(tap, holder, terms, memory, terminal)
    assert wire.decision_from_json(through_text(wire.decision_to_json(decision))) == decision


PLACE: Json = {"id": "bus-1", "provider": "JAP"}
TAP: Json = {"at": "2026-05-10T12:00:00+03:00", "place": PLACE, "product": "single", "gross": "0.85"}


@pytest.mark.parametrize(
    ("change", "error", "place"),
    [
        ({"at": "2026-05-10T12:00:00"}, OutOfRange, "/at"),
        ({"at": "yesterday"}, WrongType, "/at"),
        ({"gross": 0.85}, WrongType, "/gross"),
        ({"gross": "-0.85"}, WrongType, "/gross"),
        ({"proof": "promise"}, UnknownWord, "/proof"),
        ({"companions": -1}, OutOfRange, "/companions"),
        ({"person": "x"}, UnknownKey, "/person"),
        ({"place": {"id": "bus-1"}}, MissingKey, "/place/provider"),
        ({"place": {**PLACE, "lat": 91}}, OutOfRange, "/place/lat"),
        ({"place": {**PLACE, "lat": float("nan")}}, OutOfRange, "/place/lat"),
        ({"place": {**PLACE, "lon": "east"}}, WrongType, "/place/lon"),
    ],
)
def test_a_tap_that_does_not_fit_is_refused_with_its_place(change: Json, error: type[Refused], place: str) -> None:
    assert wire.tap_from_json(TAP).gross > 0
    with pytest.raises(error) as caught:
        wire.tap_from_json({**TAP, **change})
    assert caught.value.place == place


def test_a_deep_place_is_named() -> None:
    claim = {"code": "A", "revision": 1, "grantor": "JLG", "periods": "{}", "discount": {"kind": "half"}}
    with pytest.raises(UnknownWord) as caught:
        wire.holder_from_json({"token_state": "active", "entitlements": [claim]})
    assert caught.value.place == "/entitlements/0/discount/kind"
