"""Brings a database to a revision."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Applies migrations up to `revision` as the owner."""
    command.upgrade(_config(owner_url), revision)


def downgrade(owner_url: str, revision: str) -> None:
    """Takes migrations back down to `revision` ("base" for all)."""
    command.downgrade(_config(owner_url), revision)


def head() -> str | None:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(_config("")).get_current_head()


def current(url: str) -> str | None:
    """The revision that the database is at; None before the first."""
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config
