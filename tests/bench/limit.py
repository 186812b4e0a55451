"""The limit: pgbench calls the same two functions for every tap, in a transaction of its own, without any server."""

import json
import re
import resource
import subprocess
import time
from datetime import date

import msgspec

from amis.concessions.seed_lv import JELGAVA
from amis.kernel import clock
from amis.validating.body import Answer, Text
from tests.bench.cpu import Spent, tree_seconds
from tests.bench.people import CODE, LIMIT, PLAIN, Ride, Terminal
from tests.bench.stage import Stage

CLIENTS = 8
_DONE = re.compile(r"transactions actually processed: (\d+)")
_FAILED = re.compile(r"failed transactions: (\d+)")
_OPTIONS = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c TimeZone=UTC"
_SEQS_OF_CLIENT = 10_000_000


def pgbench(on: Stage, terminal: Terminal, ride: Ride, holders: int, seconds: int, run: int) -> Spent:
    """One run of pgbench with its own sequence numbers; the application's side is the program pgbench itself.

    Raises:
        RuntimeError: pgbench failed, or a transaction of it did.
    """
    script = on.settings.data_dir / "tap.sql"
    script.write_text(_script(terminal, ride, clock.today()))
    command = [
        str(on.cluster.programs / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2",
        f"--time={seconds}", f"--file={script}", f"--define=holders={holders}",
        f"--define=base={run * CLIENTS * _SEQS_OF_CLIENT}", "--define=count=0",
        f"--host={on.cluster.socket}", "--username=amis_app", "amis",
    ]  # fmt: skip
    before, began = (_children(), tree_seconds(on.postmaster)), time.perf_counter()
    ended = subprocess.run(command, env={"PGOPTIONS": _OPTIONS}, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    # the sessions of PostgreSQL end a moment after their clients
    time.sleep(0.3)
    taps = _transactions(ended)
    client, server = _children() - before[0], tree_seconds(on.postmaster) - before[1]
    return Spent(taps, took, client / taps * 1e6, server / taps * 1e6)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _transactions(ended: subprocess.CompletedProcess[str]) -> int:
    done, failed = _DONE.search(ended.stdout), _FAILED.search(ended.stdout)
    if ended.returncode or done is None or (failed is not None and int(failed[1])):
        raise RuntimeError(f"pgbench failed:\n{ended.stdout}{ended.stderr}")
    return int(done[1])


def _script(terminal: Terminal, ride: Ride, day: date) -> str:
    """One tap: claims are read, and what the decider would have made of them is written."""
    # each client has its own holders: two taps of one at once would have to be tried again
    return f"""\\set holder {CLIENTS} * random(0, :holders / {CLIENTS} - 1) + :client_id + 1
\\set count :count + 1
\\set seq :base + :client_id * {_SEQS_OF_CLIENT} + :count
BEGIN;
SELECT * FROM tap_claims(({_text(_asking(terminal, day))})::json) \\gset c_
SELECT tap_commit(({_text(_writing(ride, day))})::json);
COMMIT;
"""  # noqa: S608


def _asking(terminal: Terminal, day: date) -> dict[str, object]:
    item = {
        "i": 0, "bearer": terminal.bearer_sha, "seq": _Raw(":seq"), "day": str(day), "week": str(day),
        "month": str(day.replace(day=1)), "year": str(day.replace(month=1, day=1)),
        "number": _Raw(f"'\"{PLAIN}' || lpad(:holder::text, 11, '0') || '\"'"),
    }  # fmt: skip
    return {"now": _now(), "items": [item]}


def _writing(ride: Ride, day: date) -> dict[str, object]:
    per = {"per": "day", "window": str(day)}
    take = {"g": 0, "m": JELGAVA, "person": _id("person"), "concession": str(ride.concession_id), "n": 1, "lim": LIMIT}
    tap = {
        "g": 0, "terminal": _id("terminal"), "pairing": 1, "seq": _Raw(":seq"), "sha": "0" * 64, "answer": _answer(),
        "at": _now(), "reason": "OK", "use": _Raw("'\"' || uuidv7() || '\"'"), "day": str(day), "m": JELGAVA,
        "person": _id("person"), "token": _id("token"), "concession": str(ride.concession_id), "revision": 1,
        "grantor": JELGAVA, "funder": "JLG", "provider": _id("provider"), "place": _id("place"), "product": "single",
        "gross": "0.85", "payable": "0.0000", "companions": 0, "verdict": "ACCEPT",
        "previous": _Raw("coalesce('\"' || nullif(:c_last_use::text, '') || '\"', 'null')"),
    }  # fmt: skip
    return {"now": _now(), "takes": [take | per], "taps": [tap | per]}


class _Raw(str):
    """An SQL expression whose text is put into the JSON as it is."""


def _id(name: str) -> _Raw:
    return _Raw(f"'\"' || :c_{name}_id::text || '\"'")


def _text(value: object) -> str:
    """An SQL expression for the JSON of `value`: literals, and expressions where it holds _Raw."""
    if isinstance(value, _Raw):
        return f"({value})" if "'" in value else f"{value}::text"
    if isinstance(value, dict):
        return _joined([f"{_quoted(json.dumps(key) + ': ')} || {_text(part)}" for key, part in value.items()], "{}")
    if isinstance(value, list):
        return _joined([_text(part) for part in value], "[]")
    return _quoted(json.dumps(value))


def _joined(parts: list[str], around: str) -> str:
    text = " || ', ' || ".join(parts)
    return f"'{around[0]}' || {text} || '{around[1]}'".replace("' || '", "")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _now() -> str:
    return clock.now().isoformat()


def _answer() -> str:
    """An answer as long as a real one."""
    screen = Text(f"{CODE}: brauciens bez maksas", f"{CODE}: free ride, please take a seat")
    given = Answer(1, "ACCEPT", "OK", "0.0000", "0.8500", 0, False, LIMIT, None, "0" * 36, screen)
    # with a blank after each colon: pgbench takes `:name` for a variable even in a literal
    return json.dumps(msgspec.to_builtins(given))
