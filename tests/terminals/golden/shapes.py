"""A golden decision in few words: the JSON shapes of `rules.wire`, with what is ordinary left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules import wire
from rules.claim import Decision
from rules.decision import decide
from rules.shape import Json

NOON = "2026-05-10T12:00:00+03:00"
BUS: Json = {"id": "bus-1", "provider": "JAP", "mode": "bus"}
TRAM: Json = BUS | {"mode": "tram"}
FREE: Json = {"kind": "free"}
HALF: Json = {"kind": "percent", "value": "50"}
MONTHLY: Json = {"n": 20, "per": "month"}
Count = tuple[str, str, int]
"""A quota counter: concession code, first day of its window, units."""


def right(code: str, discount: Json = FREE, quota: Json | None = None, **special: Any) -> Json:
    """A right that began in 2026 and has no end; its grantor is told by its code."""
    plain = {"code": code, "revision": 1, "grantor": code.partition("-")[0], "periods": "{[2026-01-01,)}"}
    return plain | {"discount": discount, "quota": quota} | special


def vector(
    name: str,
    says: str,
    *rights: Json,
    state: str = "active",
    universal: Sequence[Json] = (),
    terms: Mapping[str, Json] | None = None,
    unknown: Sequence[str] = (),
    tap: Json | None = None,
    memory: Mapping[str, Sequence[Count]] | None = None,
    last: Sequence[tuple[str, Json]] = (),
    seen: Sequence[str] = (),
    terminal: Json | None = None,
    case: str | None = None,
) -> Json:
    """One golden decision, decided anew.

    `terms` by concession code, none where they set no limit and where the code is in `unknown`; `case` is the number of
    an acceptance case.

    Raises:
        AssertionError: the answer is not what it `says` (see `line`).
    """
    asked = {"at": NOON, "place": BUS, "product": "single", "gross": "0.8500"} | (tap or {})
    limits = [
        {"code": each["code"], "revision": each["revision"], "terms": (terms or {}).get(str(each["code"]), {})}
        for each in (*rights, *universal)
        if each["code"] not in unknown
    ]
    counters = {key: [_counter(*count) for count in counts] for key, counts in (memory or {}).items()}
    places = [{"at": at, "place": place} for at, place in last]
    parts: Json = {
        "tap": wire.tap_to_json(wire.tap_from_json(asked)),
        "holder": {"token_state": state, "entitlements": list(rights), "universal": list(universal)},
        "terms": limits,
        "memory": wire.memory_to_json(wire.memory_from_json({**counters, "last": places, "seen": list(seen)})),
        "terminal": wire.terminal_to_json(wire.terminal_from_json(terminal or {})),
    }
    decision = decided(parts)
    assert line(decision) == says, f"{name}: {line(decision)}"
    numbered = {} if case is None else {"case": case}
    return {"name": name, **numbered, **parts, "decision": wire.decision_to_json(decision)}


def _counter(code: str, window: str, count: int) -> Json:
    return {"code": code, "window": window, "count": count}


def decided(vector: Mapping[str, object]) -> Decision:
    """The decision of a vector, from its JSON alone."""
    return decide(
        wire.tap_from_json(vector["tap"]),
        wire.holder_from_json(vector["holder"]),
        wire.terms_from_json(vector["terms"]),
        wire.memory_from_json(vector["memory"]),
        wire.terminal_from_json(vector["terminal"]),
    )


def line(decision: Decision) -> str:
    """A decision in a line: verdict, reason, price, and where there is one the right used, what is left, and so on.

    >>> from decimal import Decimal
    >>> from rules.claim import Verdict
    >>> from rules.reason import Reason
    >>> line(Decision(Verdict.ACCEPT, Reason.OK, Decimal(0), 1, 19, code="A", units=1))
    'ACCEPT OK 0.0000 by A, 1 along, 19 left'
    """
    along = f"{decision.companions} along" if decision.companions else ""
    left = "" if decision.quota_left is None else f"{decision.quota_left} left"
    first = f"{decision.verdict} {decision.reason.name} {wire.amount(decision.payable)}"
    by = f" by {decision.code}" if decision.code else ""
    seq = "" if decision.list_seq is None else f"list {decision.list_seq}"
    return first + by + "".join(f", {each}" for each in (along, left, decision.check_photo and "photo", seq) if each)
