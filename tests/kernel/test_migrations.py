"""The one line of history goes up and down, with data in between."""

from collections.abc import Callable

import psycopg

from amis.kernel.postgres import Cluster, url
from amis.migrations.migrate import current, downgrade, head, upgrade


def test_history_goes_down_to_nothing_and_up_again_on_data(
    cluster: Cluster, make_database: Callable[..., str], template: str
) -> None:
    owner = url(cluster, "amis_owner", make_database(template))
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("INSERT INTO municipality VALUES (1, 'LV', 'Latvija', 'Latvia')")
        connection.execute(
            "INSERT INTO person (id, municipality_id, subject_key)"
            " VALUES ('01900000-0000-7000-8000-000000000000', 1, 'key')"
        )
    downgrade(owner, "base")
    with psycopg.connect(owner) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v') AND c.relname <> 'alembic_version'"
        ).fetchone()
    assert left == (0,)
    upgrade(owner)
    assert current(owner) == head()


def test_each_step_goes_down_and_up(cluster: Cluster, make_database: Callable[..., str], template: str) -> None:
    owner = url(cluster, "amis_owner", make_database(template))
    newest = head()
    for number in range(int(newest or "0"), 1, -1):
        downgrade(owner, f"{number - 1:04}")
        upgrade(owner, f"{number:04}")
        downgrade(owner, f"{number - 1:04}")
    upgrade(owner)
    assert current(owner) == newest
