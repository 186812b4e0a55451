"""People walk through the whole service; afterwards their names and codes are found only where they belong."""

import asyncio
from pathlib import Path

from psycopg import sql

from amis.kernel.postgres import Cluster
from tests.town import Site
from tests.walks import canary_walk, staff
from tests.walks.canary import Watch, canaries
from tests.walks.counts import count
from tests.walks.ledger import everything
from tests.walks.processes import commands

PEOPLE = count(test=10, check=20, deep=20)
_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
_QUIET = ["/", "/tokens", "/taps", "/concessions", "/rules", "/notices", "/reports", "/reports/uses.csv", "/terminals"]
_QUIET += ["/live", "/providers", "/terminals/gaps", "/conflicts?state=all", "/amnesties"]
_QUIET += ["/account", "/persons", "/persons/new", "/metrics", "/openapi.json", "/v1/reports/uses", "/status"]


async def test_no_name_and_no_code_is_found_where_it_does_not_belong(apart: Site, cluster: Cluster) -> None:
    people = canaries(PEOPLE, seed=41)
    watch = Watch(people)
    apart.settings = apart.settings.model_copy(update={"log_level": "DEBUG"})
    async with commands(apart, "serve", "worker"), await staff.caller(apart, staff.ROLES) as clerk:
        walk = canary_walk.Walk(apart, watch, clerk, await apart.terminal())
        clerk.event_hooks = {"response": [walk.seen]}
        await canary_walk.arrive(walk, people)
        for canary in people:
            await canary_walk.use(walk, canary)
        await canary_walk.go_wrong(walk, people)
        await canary_walk.leave(walk, people)
        quiet = [(await walk.page(path)).text for path in _QUIET]
        quiet += [(await walk.page(f"/tokens/{token}")).text for token in walk.tokens]
        await _worked_off(apart)
    assert watch.found("\n".join(walk.urls)) == []
    assert watch.found("\n".join(walk.answers)) == []
    assert [watch.found(text) for text in quiet if watch.found(text)] == []
    assert _in_files(watch, apart.settings.data_dir) == {}
    assert watch.found(cluster.log.read_bytes()) == []
    assert await _in_tables(apart, watch) == {}


def test_the_watch_finds_what_it_looks_for() -> None:
    canary, *others = canaries(3, seed=5)
    watch = Watch([canary])
    for secret in canary.secrets:
        for hidden in (secret, secret.upper(), secret.encode().hex(), f"x{secret}y"):
            assert watch.found(f"... {hidden} ...")
    assert [watch.found(" ".join(other.secrets)) for other in others] == [[], []]


async def _worked_off(site: Site) -> None:
    """Waits until the worker has done all that waits."""
    async with await everything(site) as connection:
        for _ in range(300):
            rows = await connection.execute("SELECT count(*) FROM outbox WHERE done_at IS NULL")
            if (await rows.fetchone()) == (0,):
                return
            await asyncio.sleep(0.1)
    raise AssertionError("the worker does not come to an end")


def _in_files(watch: Watch, folder: Path) -> dict[str, list[str]]:
    """Logs, keys, the witness and the stores of terminals: every file of the installation."""
    found = {str(path): watch.found(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
    assert any(name.endswith("journal.sqlite3") for name in found)
    assert any(name.endswith("serve.log") for name in found)
    return {name: hits for name, hits in found.items() if hits}


async def _in_tables(site: Site, watch: Watch) -> dict[str, list[str]]:
    """Every column of every row of every table: whatever is encrypted does not match by itself."""
    found: dict[str, list[str]] = {}
    async with await everything(site) as connection:
        for (table,) in await (await connection.execute(_TABLES)).fetchall():
            rows = await connection.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))
            hits = watch.found("\n".join([text async for (text,) in rows]))
            found |= {table: hits} if hits else {}
    return found
