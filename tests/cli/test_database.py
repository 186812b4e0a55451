"""`amis db`."""

import pytest

from amis.kernel.postgres import Cluster, url
from amis.kernel.settings import settings
from amis.migrations.migrate import current, head
from tests.cli.conftest import Amis


async def test_an_up_to_date_database_is_told(amis: Amis) -> None:
    result = await amis("db", "status")
    assert (result.exit_code, result.stdout) == (0, f"database {head()}, program {head()}\n")


async def test_an_empty_database_is_told_and_migrated(
    amis: Amis, cluster: Cluster, make_database, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    empty = url(cluster, "amis_owner", make_database())
    monkeypatch.setenv("AMIS_DATABASE_OWNER_URL", empty)
    settings.cache_clear()
    before = await amis("db", "status")
    assert (before.exit_code, before.stdout) == (1, f"database empty, program {head()}\n")
    assert (await amis("db", "migrate")).exit_code == 0
    assert current(empty) == head()
    assert (await amis("db", "status")).exit_code == 0


@pytest.mark.parametrize("verb", ["status", "migrate"])
async def test_a_database_that_is_away_is_told_in_a_line(amis: Amis, database_away: None, verb: str) -> None:
    result = await amis("db", verb)
    assert result.exit_code == 1
    assert "connection failed" in result.stderr
    assert result.stderr.count("\n") == 1
