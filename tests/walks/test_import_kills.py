"""The importer is killed, the database crashes, two importers race: the register ends as if nothing had happened."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from amis.kernel import postgres
from amis.kernel.postgres import Cluster, url
from amis.kernel.settings import Settings
from tests.town import Site
from tests.walks.counts import count
from tests.walks.import_process import importing
from tests.walks.importer import Files, a_minute_passes, begun, drawn, finished, state

ROWS = count(test=800, check=6_000, deep=30_000)
KILLS = count(test=2, check=20, deep=50)
CRASHES = count(test=1, check=5, deep=20)
PATIENCE = 120


async def test_killed_importers_and_two_at_once_leave_what_an_undisturbed_one_leaves(
    apart: Site, founded: tuple[str, object], cluster: Cluster, make_database: Callable[..., str], tmp_path: Path
) -> None:
    rng = random.Random(5)
    files = drawn(ROWS, rng)
    quiet = _elsewhere(apart.settings, cluster, make_database(founded[0]), tmp_path / "quiet")
    took, expected = await _undisturbed(quiet, files)
    await files.deliver(apart.settings)
    caught = 0
    for _ in range(KILLS):
        with importing(apart.settings) as first, importing(apart.settings):
            caught += await begun(apart.settings)
            await asyncio.sleep(rng.uniform(0, 0.8) * took / KILLS)
            first.kill()
        await a_minute_passes(apart.settings)
    assert caught
    with importing(apart.settings), importing(apart.settings):
        await asyncio.wait_for(finished(apart.settings), PATIENCE)
    assert await state(apart.settings) == expected


async def test_a_crash_of_the_database_leaves_what_an_undisturbed_import_leaves(
    fragile: tuple[Site, Cluster],
    founded: tuple[str, object],
    cluster: Cluster,
    make_database: Callable[..., str],
    tmp_path: Path,
) -> None:
    site, crashing = fragile
    rng = random.Random(6)
    files = drawn(ROWS, rng)
    quiet = _elsewhere(site.settings, cluster, make_database(founded[0]), tmp_path / "quiet")
    took, expected = await _undisturbed(quiet, files)
    await files.deliver(site.settings)
    with importing(site.settings):
        for _ in range(CRASHES):
            await begun(site.settings)
            await asyncio.sleep(rng.uniform(0, 0.8) * took / CRASHES)
            await asyncio.to_thread(_crash, crashing)
            await a_minute_passes(site.settings)
        await asyncio.wait_for(finished(site.settings), PATIENCE)
    assert _without_rules(await state(site.settings)) == _without_rules(expected)


async def _undisturbed(settings: Settings, files: Files) -> tuple[float, list[list[tuple[object, ...]]]]:
    """How long it takes when nobody interferes, and what it leaves."""
    await files.deliver(settings)
    with importing(settings):
        await begun(settings)
        started = monotonic()
        await asyncio.wait_for(finished(settings), PATIENCE)
        took = monotonic() - started
    return took, await state(settings)


def _elsewhere(settings: Settings, cluster: Cluster, name: str, folder: Path) -> Settings:
    """The same keys on another database."""
    roles = {"database_url": "amis_app", "database_owner_url": "amis_owner", "database_worker_url": "amis_worker"}
    urls = {member: url(cluster, role, name) for member, role in roles.items()}
    return settings.model_copy(update=urls | {"data_dir": folder})


def _crash(cluster: Cluster) -> None:
    """Ends the server without a checkpoint, as a power cut does for it, and starts it on what is on disk."""
    postgres.stop(cluster, "immediate")
    postgres.start(cluster)


def _without_rules(found: list[list[tuple[object, ...]]]) -> list[list[tuple[object, ...]]]:
    """The towns of two installations have the same rules under other ids."""
    return [sorted((row[0], row[2]) for row in part) if number == 2 else part for number, part in enumerate(found)]
