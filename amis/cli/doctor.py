"""`amis doctor`: can the service work here?"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from amis.cli.fault import AROUND, line
from amis.kernel import clock
from amis.kernel.keys import key_file, open_keys
from amis.kernel.locks import Lock
from amis.kernel.process import database_url
from amis.kernel.settings import Settings, settings
from amis.migrations.migrate import current, head
from cards.keys import keyset

app = typer.Typer(help="Check database, migrations, keys, clock, disk and the worker.")
_FREE_BYTES = 1 << 30
_DRIFT_SECONDS = 2.0
_LATE_SECONDS = 300.0
_MOST_FAILURES = 8
_LEADER = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())), max(ended_at) FROM job_run
"""
_OPEN = """
SELECT count(*), coalesce(extract(epoch FROM %s - min(due_at) FILTER (WHERE attempts = 0)), 0)::float,
    coalesce(max(attempts), 0)
FROM outbox WHERE done_at IS NULL AND (attempts > 0 OR due_at <= %s)
"""
_CANARY = "SELECT extract(epoch FROM %s - sent_at)::float, error FROM freshness ORDER BY number DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether it passed and what was seen."""

    name: str
    ok: bool
    seen: str


def database(chosen: Settings) -> Check:
    """PostgreSQL 18 answers as the application's role, which cannot bypass row-level security."""
    with psycopg.connect(database_url(chosen)) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version'), current_setting('server_version_num')::int, rolbypassrls,"
            " rolsuper, current_user FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    if row is None:
        return Check("database", False, "the role is not listed")
    return Check("database", row[1] >= 180000 and not row[2] and not row[3], f"PostgreSQL {row[0]} as {row[4]}")


def migrations(chosen: Settings) -> Check:
    """The database is at the revision that this program knows."""
    found = current(database_url(chosen, "amis_owner"))
    return Check("migrations", found == head(), f"database {found or 'empty'}, program {head()}")


def keys(chosen: Settings) -> Check:
    """The key store opens, and only its owner can read it where it is a file."""
    if chosen.pkcs11_module is not None:
        return Check("keys", True, f"token {chosen.pkcs11_token} of {chosen.pkcs11_module}: {_inside(chosen)}")
    path = key_file(chosen)
    if not path.exists():
        return Check("keys", False, "there is no key file; the first start makes one")
    inside, mode = _inside(chosen), path.stat().st_mode & 0o777
    return Check("keys", mode & 0o077 == 0, f"file of mode {mode:o}: {inside}")


def _inside(chosen: Settings) -> str:
    store = open_keys(chosen)
    return f"{len(store.names())} keys, key set {keyset(store)} for cards"


def time(chosen: Settings) -> Check:
    """The clock agrees with the database's."""
    with psycopg.connect(database_url(chosen)) as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
    drift = abs((clock.now() - row[0]).total_seconds()) if row else float("inf")
    return Check("clock", drift < _DRIFT_SECONDS, f"{drift:.3f} s from the database")


def disk(chosen: Settings) -> Check:
    """There is room in the data folder."""
    free = shutil.disk_usage(chosen.data_dir if chosen.data_dir.exists() else ".").free
    return Check("disk", free > _FREE_BYTES, f"{free / (1 << 30):.1f} GiB free")


def worker(chosen: Settings) -> Check:
    """A worker leads, so that jobs are ticked; one that was never started is not missed."""
    with psycopg.connect(database_url(chosen, "amis_worker")) as connection:
        row = connection.execute(_LEADER, (int(Lock.TICKER),)).fetchone()
    leads, ended = row or (False, None)
    if ended is None:
        return Check("worker", True, "leads" if leads else "no worker has run yet")
    ago = (clock.now() - ended).total_seconds()
    return Check("worker", leads, f"{'leads' if leads else 'none leads'}; a job last ended {ago:.0f} s ago")


def outbox(chosen: Settings) -> Check:
    """What is to be done because of changes is done soon."""
    with psycopg.connect(database_url(chosen, "amis_worker")) as connection:
        row = connection.execute(_OPEN, (clock.now(), clock.now())).fetchone()
    count, waits, attempts = row or (0, 0.0, 0)
    seen = f"{count} entries open, the oldest waits {max(waits, 0.0):.0f} s, one has been tried {attempts} times"
    return Check("outbox", waits < _LATE_SECONDS and attempts < _MOST_FAILURES, seen if count else "nothing is open")


def canary(chosen: Settings) -> Check:
    """The last canary is young and came through, where canaries fly."""
    with psycopg.connect(database_url(chosen, "amis_worker")) as connection:
        row = connection.execute(_CANARY, (clock.now(),)).fetchone()
    if not chosen.canary or row is None:
        return Check("canary", True, "none has flown yet" if chosen.canary else "turned off")
    age, error = row
    return Check("canary", age < _LATE_SECONDS and error is None, f"{age:.0f} s old{f': {error}' if error else ''}")


CHECKS: dict[str, Callable[[Settings], Check]] = {
    "database": database,
    "migrations": migrations,
    "keys": keys,
    "clock": time,
    "disk": disk,
    "worker": worker,
    "outbox": outbox,
    "canary": canary,
}


def examine(chosen: Settings) -> list[Check]:
    """All checks; one that cannot be made has failed and says why."""
    return [_made(name, check, chosen) for name, check in CHECKS.items()]


def _made(name: str, check: Callable[[Settings], Check], chosen: Settings) -> Check:
    try:
        return check(chosen)
    except AROUND as error:
        return Check(name, False, line(error))


@app.callback(invoke_without_command=True)
def doctor(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Check database, migrations, keys, clock, disk and the worker; ends with 1 when something is wrong."""
    checks = examine(settings())
    if as_json:
        typer.echo(json.dumps([{"name": check.name, "ok": check.ok, "seen": check.seen} for check in checks]))
    else:
        table = Table("check", "", "seen")
        for check in checks:
            table.add_row(check.name, "ok" if check.ok else "WRONG", check.seen)
        Console().print(table)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)
