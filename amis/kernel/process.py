"""What every process of the service opens before it works: keys and database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from amis.kernel import db
from amis.kernel.keys import open_keys
from amis.kernel.postgres import Cluster, prepare, url
from amis.kernel.settings import Settings


def embedded(settings: Settings) -> Cluster:
    """The embedded PostgreSQL of this installation, prepared; not necessarily running."""
    return prepare(settings.data_dir.resolve() / "postgres", shared_buffers=settings.shared_buffers)


def database_url(settings: Settings, role: str = "amis_app") -> str:
    """Where `role` finds the database: the outside one that the settings name, else the embedded one.

    Raises:
        LookupError: an outside database is named, but not for this role.
    """
    if settings.database_url is None:
        return url(embedded(settings), role, settings.database_name)
    outside = {
        "amis_app": settings.database_url,
        "amis_owner": settings.database_owner_url,
        "amis_worker": settings.database_worker_url,
    }[role]
    if outside is None:
        raise LookupError(f"AMIS_DATABASE_URL is set, so AMIS_DATABASE_{role[5:].upper()}_URL must be set too")
    return outside


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[None]:
    """Keys and engine (role amis_app) open for the length of the block."""
    open_keys(settings)
    db.open_engine(database_url(settings), settings.pool_size)
    try:
        yield
    finally:
        await db.close_engine()


def witness_file(settings: Settings) -> Path:
    """The file to which every signed checkpoint is appended."""
    path = settings.witness_file or settings.data_dir / "audit" / "witness.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
