"""Roles and databases."""

from pathlib import Path

import psycopg
from psycopg import sql

from amis.kernel.postgres.cluster import DATABASE, SUPERUSER, Cluster, url


def create_roles(cluster: Cluster, database: str = DATABASE) -> None:
    """Make the roles and the database where they are missing; the second call changes nothing."""
    with psycopg.connect(url(cluster, SUPERUSER, SUPERUSER), autocommit=True) as connection:
        connection.execute(_statements("roles.sql"))
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
    if not known:
        create_database(cluster, database)
    else:
        _open_database(cluster, database)


def create_database(cluster: Cluster, database: str, template: str | None = None) -> None:
    """Make a database that amis_owner owns: empty, or a copy of `template` (which nobody may be connected to)."""
    statement = sql.SQL("CREATE DATABASE {} OWNER amis_owner TEMPLATE {} STRATEGY {}")
    parts = (sql.Identifier(database), sql.Identifier(template or "template1"), sql.SQL("WAL_LOG"))
    with psycopg.connect(url(cluster, SUPERUSER, SUPERUSER), autocommit=True) as connection:
        connection.execute(statement.format(*parts))
    _open_database(cluster, database)


def _open_database(cluster: Cluster, database: str) -> None:
    with psycopg.connect(url(cluster, SUPERUSER, database), autocommit=True) as connection:
        connection.execute(_statements("database.sql"))


def _statements(name: str) -> bytes:
    return Path(__file__).with_name(name).read_bytes()
