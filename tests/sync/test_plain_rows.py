from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.events import EVENT_TYPES
from sync.fields import RowRefused
from sync.notice import StatusFact
from sync.plain_rows import read_plain
from tests.sync.test_rows import DATA, FACT

ODD: list[Any] = [None, "", " ", "a", "ā", "a\u0304", "\u00a0", "\u0000", "\x7f", "x" * 65, "x" * 101, "x" * 201]
ODD += [0, 1, True, 1.0, 2**53, [], {}, {"code": "32345678901"}, "upsert", "Withdraw"]
ODD += ["2026-03-01", "2025-01-01", "9999-12-31", "20260301", "2026-W10-1", "2026-02-30", "2026-3-001"]
ODD += ["161175-19997", " 16117519997 ", "16117519998", "32345678901"]
_odd = st.sampled_from(ODD)
_places = st.sampled_from(
    [(name,) for name in (*DATA, "income")]
    + [("person", name) for name in (*DATA["person"], "address")]
    + [("decision", name) for name in (*DATA["decision"], "page")]
)


def changed(data: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The row with another value, or without one, at a place."""
    name, *rest = place
    if rest:
        inner = data.get(name)
        return data | {name: changed(inner, tuple(rest), value)} if isinstance(inner, dict) else data
    return {key: kept for key, kept in (data | {name: value}).items() if kept is not ...}


def slowly(data: Any) -> StatusFact | None:
    """What the reader says whose word counts; None for any refusal."""
    try:
        stated = EVENT_TYPES["status.fact.v1"].read(data)
    except RowRefused:
        return None
    assert isinstance(stated, StatusFact)
    return stated


def test_a_plain_row_is_read() -> None:
    assert read_plain(DATA) == FACT == slowly(DATA)
    least = {name: value for name, value in DATA.items() if name not in ("decision", "household")}
    least |= {"valid_to": None, "person": {"code": "32345678901"}}
    assert read_plain(least) == slowly(least) is not None


@given(st.lists(st.tuples(_places, _odd | st.just(...)), max_size=3))
def test_what_is_read_quickly_is_what_is_read_slowly(changes: list[tuple[tuple[str, ...], Any]]) -> None:
    data = DATA
    for place, value in changes:
        data = changed(data, place, value)
    quick = read_plain(data)
    assert quick is None or quick == slowly(data)


@given(st.none() | st.integers() | st.text() | st.lists(st.integers()) | st.dictionaries(st.text(), st.integers()))
def test_what_is_no_row_is_left_to_the_slow_reader(data: Any) -> None:
    assert read_plain(data) is None
