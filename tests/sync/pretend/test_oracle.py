from __future__ import annotations

from typing import Any

import pytest

from sync.digest import Digest
from sync.notice import Op
from sync.pretend.oracle import Oracle
from sync.pretend.record import CODE_CHANGED, DIED, MERGED, STATUS, UNMERGED
from sync.verdict import Verdict


def row(record_id: str, version: int, op: str = "upsert", code: str = "A", **more: Any) -> dict[str, Any]:
    days = {"valid_from": "2026-01-01", "valid_to": None}
    return {
        "record_id": record_id,
        "version": version,
        "op": op,
        "person": {"code": code},
        "status": "INV1",
        **days,
        **more,
    }


def stated(oracle: Oracle, kind: str, row: dict[str, Any]) -> str:
    return oracle.event(kind, row).value


def test_versions_decide_and_contents_under_one_version_must_agree() -> None:
    oracle = Oracle("sopa")
    assert stated(oracle, STATUS, row("S-1", 2)) == "applied"
    assert stated(oracle, STATUS, row("S-1", 2)) == "unchanged"
    assert stated(oracle, STATUS, row("S-1", 1)) == "stale"
    assert stated(oracle, STATUS, row("S-1", 2, status="INV2")) == "conflict"
    assert oracle.expected() == {"A": [("INV1", "2026-01-01", None)]}


def test_a_snapshot_withdraws_statuses_that_it_does_not_name_and_nothing_else() -> None:
    oracle = Oracle("sopa")
    for record_id, version in (("S-1", 1), ("S-2", 2), ("S-3", 9)):
        oracle.event(STATUS, row(record_id, version))
    oracle.event(DIED, {"record_id": "D-1", "version": 3, "op": "upsert", "person": {"code": "B"}})
    outcome = oracle.snapshot([row("S-1", 1)], 8)
    assert (outcome.verdicts, outcome.withdrawn, outcome.held) == ((Verdict.UNCHANGED,), 1, False)
    assert oracle.standing() == 2
    assert stated(oracle, STATUS, row("S-2", 4)) == "stale"
    assert oracle.snapshot([row("S-2", 2)], 7).verdicts == (Verdict.STALE,)


@pytest.mark.parametrize(("gone", "held"), [(50, False), (51, True)])
def test_a_snapshot_that_withdraws_too_much_waits(gone: int, held: bool) -> None:
    oracle = Oracle("sopa")
    rows = [row(f"S-{number}", number) for number in range(1, 101)]
    for one in rows:
        oracle.event(STATUS, one)
    outcome = oracle.snapshot(rows[gone:], 200)
    assert (outcome.held, outcome.withdrawn) == (held, 0 if held else gone)
    assert oracle.standing() == (100 if held else 50)
    oracle.snapshot(rows[gone:], 200, released=True)
    assert oracle.standing() == 100 - gone


def test_drift_is_seen_where_the_receiver_holds_anything_else() -> None:
    oracle, theirs = Oracle("sopa"), Digest("sopa")
    for record_id, version in (("S-1", 1), ("S-2", 2)):
        oracle.event(STATUS, row(record_id, version))
        theirs.add(record_id, version, Op.UPSERT)
    assert oracle.drift(theirs) == []
    oracle.event(STATUS, row("S-2", 3, "withdraw"))
    assert len(oracle.drift(theirs)) == 1
    assert oracle.drift(Digest("sopa")) != []


def test_old_and_new_codes_are_one_persons_and_a_split_gives_back_what_was_theirs() -> None:
    oracle = Oracle("sopa")
    about = {"record_id": "C-1", "version": 1, "op": "upsert"}
    for number, code in enumerate("AB", 1):
        oracle.event(STATUS, row(f"S-{number}", number, code=code))
    oracle.event(CODE_CHANGED, {**about, "person": {"code": "B"}, "new_code": "C"})
    oracle.event(MERGED, {**about, "record_id": "M-1", "person": {"code": "A"}, "merged": {"code": "C"}})
    oracle.event(STATUS, row("S-3", 9, code="C"))
    assert {code: len(held) for code, held in oracle.expected().items()} == {"A": 3}
    oracle.event(UNMERGED, {**about, "record_id": "U-1", "person": {"code": "A"}, "merged": {"code": "B"}})
    assert {code: len(held) for code, held in oracle.expected().items()} == {"A": 1, "B": 2}
