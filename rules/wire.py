"""The JSON shapes of tap, holder, memory, terminal and decision, shared with deciders in other languages.

Amounts are strings with 4 decimals, days ISO 8601, sets of days datemultirange text, moments RFC 3339 with an offset.
`day` and `minute` of a tap are not written: each decider derives them from `at`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from rules.claim import (
    Counter,
    Decision,
    EntitlementClaim,
    Holder,
    LastTap,
    Memory,
    Place,
    Proof,
    Tap,
    TerminalState,
    TokenState,
    Verdict,
)
from rules.decision import AllTerms, local
from rules.errors import OutOfRange, WrongType
from rules.reason import Reason
from rules.shape import Json, day, each, flag, inside, money, record, text, whole, word, words
from rules.tariff import QUANTUM, Discount, Quota
from rules.terms import Terms, days


def tap_from_json(value: object, place: str = "") -> Tap:
    """Read a tap. Raises Refused."""
    needed = ("at", "place", "product", "gross")
    node = record(value, place, needed, ("companions", "proof", "replay_key"))
    at = moment(node["at"], inside(place, "at"))
    on, minute = local(at)
    return Tap(
        at,
        on,
        minute,
        place_from_json(node["place"], inside(place, "place")),
        text(node["product"], inside(place, "product")),
        money(node["gross"], inside(place, "gross")),
        whole(node.get("companions", 0), inside(place, "companions"), 0, 100),
        Proof(word(node.get("proof", "none"), inside(place, "proof"), Proof)),
        _maybe_text(node, "replay_key", place),
    )


def tap_to_json(tap: Tap) -> Json:
    """The same shape back, every key written."""
    return {
        "at": tap.at.isoformat(),
        "place": place_to_json(tap.place),
        "product": tap.product,
        "gross": amount(tap.gross),
        "companions": tap.companions,
        "proof": tap.proof.value,
        "replay_key": tap.replay_key,
    }


def place_from_json(value: object, place: str = "") -> Place:
    """Read a place. Raises Refused."""
    node = record(value, place, ("id", "provider"), ("mode", "zone", "route", "lat", "lon"))
    texts = {key: _maybe_text(node, key, place) for key in ("mode", "zone", "route")}
    return Place(
        text(node["id"], inside(place, "id")),
        text(node["provider"], inside(place, "provider")),
        lat=_degrees(node.get("lat"), inside(place, "lat"), 90),
        lon=_degrees(node.get("lon"), inside(place, "lon"), 180),
        **texts,
    )


def place_to_json(place: Place) -> Json:
    """The same shape back, unknown parts left out."""
    return {key: getattr(place, key) for key in Place.__slots__ if getattr(place, key) is not None}


def holder_from_json(value: object, place: str = "") -> Holder:
    """Read a holder. Raises Refused."""
    node = record(value, place, ("token_state", "entitlements"), ("universal",))
    state = TokenState(word(node["token_state"], inside(place, "token_state"), TokenState))
    own = each(node["entitlements"], inside(place, "entitlements"), claim_from_json)
    return Holder(state, own, each(node.get("universal", []), inside(place, "universal"), claim_from_json))


def holder_to_json(holder: Holder) -> Json:
    """The same shape back."""
    return {
        "token_state": holder.token_state.value,
        "entitlements": [claim_to_json(claim) for claim in holder.entitlements],
        "universal": [claim_to_json(claim) for claim in holder.universal],
    }


def claim_from_json(value: object, place: str = "") -> EntitlementClaim:
    """Read one right. Raises Refused."""
    needed = ("code", "revision", "grantor", "periods", "discount")
    node = record(value, place, needed, ("quota", "priority", "suspended", "modes", "flags", "since"))
    quota, since = node.get("quota"), node.get("since")
    return EntitlementClaim(
        text(node["code"], inside(place, "code")),
        whole(node["revision"], inside(place, "revision"), 1),
        text(node["grantor"], inside(place, "grantor")),
        days(node["periods"], inside(place, "periods")),
        Discount.from_json(node["discount"], inside(place, "discount")),
        None if quota is None else Quota.from_json(quota, inside(place, "quota")),
        whole(node.get("priority", 100), inside(place, "priority")),
        days(node.get("suspended", "{}"), inside(place, "suspended")),
        words(node.get("modes", []), inside(place, "modes")),
        words(node.get("flags", []), inside(place, "flags")),
        date.min if since is None else day(since, inside(place, "since")),
    )


def claim_to_json(claim: EntitlementClaim) -> Json:
    """The same shape back, every key written."""
    return {
        "code": claim.code,
        "revision": claim.revision,
        "grantor": claim.grantor,
        "periods": str(claim.periods),
        "discount": claim.discount.to_json(),
        "quota": None if claim.quota is None else claim.quota.to_json(),
        "priority": claim.priority,
        "suspended": str(claim.suspended),
        "modes": sorted(claim.modes),
        "flags": sorted(claim.flags),
        "since": None if claim.since == date.min else claim.since.isoformat(),
    }


def terms_from_json(value: object, place: str = "") -> AllTerms:
    """Read the terms of many concessions: [{"code", "revision", "terms"}]. Raises Refused."""

    def one(item: object, at: str) -> tuple[tuple[str, int], Terms]:
        node = record(item, at, ("code", "revision", "terms"))
        key = text(node["code"], inside(at, "code")), whole(node["revision"], inside(at, "revision"), 1)
        return key, Terms.from_json(node["terms"], inside(at, "terms"))

    return dict(each(value, place, one))


def terms_to_json(terms: AllTerms) -> list[Json]:
    """The same shape back, sorted."""
    return [
        {"code": code, "revision": revision, "terms": each_terms.to_json()}
        for (code, revision), each_terms in sorted(terms.items(), key=lambda item: item[0])
    ]


def memory_from_json(value: object, place: str = "") -> Memory:
    """Read what is remembered. Raises Refused."""
    node = record(value, place, (), Memory.__slots__)
    used, taken, unsynced, reserved = (
        dict(each(node.get(key, []), inside(place, key), _counter)) for key in ("used", "taken", "unsynced", "reserved")
    )
    last = each(node.get("last", []), inside(place, "last"), _last)
    return Memory(used, taken, unsynced, last, words(node.get("seen", []), inside(place, "seen")), reserved)


def memory_to_json(memory: Memory) -> Json:
    """The same shape back, every key written, counters sorted."""
    return {
        "used": _counters(memory.used),
        "taken": _counters(memory.taken),
        "unsynced": _counters(memory.unsynced),
        "last": [{"at": last.at.isoformat(), "place": place_to_json(last.place)} for last in memory.last],
        "seen": sorted(memory.seen),
        "reserved": _counters(memory.reserved),
    }


def terminal_from_json(value: object, place: str = "") -> TerminalState:
    """Read a terminal's state. Raises Refused."""
    node = record(value, place, (), TerminalState.__slots__)
    readers = dict.fromkeys(_FLAGS, flag) | dict.fromkeys(_NUMBERS, whole)
    given = {key: read(node[key], inside(place, key)) for key, read in readers.items() if key in node}
    seq = node.get("list_seq")
    return replace(
        TerminalState(),
        amnesty=days(node.get("amnesty", "{}"), inside(place, "amnesty")),
        list_seq=None if seq is None else whole(seq, inside(place, "list_seq")),
        **given,  # type: ignore[arg-type]  # each key has its own reader above
    )


def terminal_to_json(terminal: TerminalState) -> Json:
    """The same shape back, every key written."""
    plain: Json = {key: getattr(terminal, key) for key in (*_FLAGS, *_NUMBERS, "list_seq")}
    return plain | {"amnesty": str(terminal.amnesty)}


def decision_from_json(value: object, place: str = "") -> Decision:
    """Read a decision. Raises Refused."""
    node = record(value, place, Decision.__slots__)
    left, seq, window = node["quota_left"], node["list_seq"], node["window"]
    return Decision(
        Verdict(word(node["verdict"], inside(place, "verdict"), Verdict)),
        Reason[word(node["reason"], inside(place, "reason"), Reason.__members__)],
        money(node["payable"], inside(place, "payable")),
        whole(node["companions"], inside(place, "companions")),
        None if left is None else whole(left, inside(place, "quota_left")),
        flag(node["check_photo"], inside(place, "check_photo")),
        None if seq is None else whole(seq, inside(place, "list_seq")),
        _maybe_text(node, "code", place),
        None if window is None else day(window, inside(place, "window")),
        whole(node["units"], inside(place, "units")),
    )


def decision_to_json(decision: Decision) -> Json:
    """The same shape back, every key written."""
    return {
        "verdict": decision.verdict.value,
        "reason": decision.reason.name,
        "payable": amount(decision.payable),
        "companions": decision.companions,
        "quota_left": decision.quota_left,
        "check_photo": decision.check_photo,
        "list_seq": decision.list_seq,
        "code": decision.code,
        "window": None if decision.window is None else decision.window.isoformat(),
        "units": decision.units,
    }


def amount(value: Decimal) -> str:
    """An amount with 4 decimals.

    >>> amount(Decimal("0.85"))
    '0.8500'
    """
    return str(value.quantize(QUANTUM))


def moment(value: object, place: str) -> datetime:
    """A moment with its offset from UTC (RFC 3339)."""
    try:
        at = datetime.fromisoformat(text(value, place, 40))
    except ValueError as error:
        raise WrongType(place, "a moment such as 2026-05-31T23:59:00+03:00 is expected") from error
    if at.tzinfo is None:
        raise OutOfRange(place, "the offset from UTC is missing")
    return at


_FLAGS = ("online", "stale", "clock_doubtful")
_NUMBERS = ("expires_soon_days", "pass_back_seconds", "copy_seconds", "copy_metres")


def _maybe_text(node: Json, key: str, place: str) -> str | None:
    return None if node.get(key) is None else text(node[key], inside(place, key))


def _degrees(value: object, place: str, most: int) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise WrongType(place, "a number of degrees is expected")
    if not -most <= value <= most:
        raise OutOfRange(place, f"-{most} to {most} expected")
    return float(value)


def _counter(value: object, place: str) -> tuple[Counter, int]:
    node = record(value, place, ("code", "window", "count"))
    key = text(node["code"], inside(place, "code")), day(node["window"], inside(place, "window"))
    return key, whole(node["count"], inside(place, "count"))


def _counters(counters: Mapping[Counter, int]) -> list[Json]:
    return [{"code": code, "window": on.isoformat(), "count": count} for (code, on), count in sorted(counters.items())]


def _last(value: object, place: str) -> LastTap:
    node = record(value, place, ("at", "place"))
    return LastTap(moment(node["at"], inside(place, "at")), place_from_json(node["place"], inside(place, "place")))
