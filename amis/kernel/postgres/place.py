"""Where a cluster lives: its folder, its home, its socket, and the locks on them."""

import fcntl
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amis.kernel.postgres.account import SYSTEM_FOLDER, is_root, reaches
from amis.kernel.postgres.cluster import PORT
from amis.kernel.postgres.errors import FolderInUse, WrongAccount

LONGEST_SOCKET_PATH = 107  # bytes in sockaddr_un.sun_path without the closing NUL, unix(7)


def claim(folder: Path) -> None:
    """Make the folder ours; a folder of another account is refused, never taken over."""
    folder.mkdir(parents=True, exist_ok=True)
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise WrongAccount(f"{folder} belongs to user id {owner}: run AMIS as that user or name another folder.")
    folder.chmod(0o711 if is_root() else 0o700)


def home_for(folder: Path, account: str) -> Path:
    """The folder itself, or for root a folder of the system when `account` cannot reach it (say, below /root).

    Parent folders are never opened up for the server.
    """
    record = folder / "home"
    if record.exists():
        return Path(record.read_text())
    if not is_root() or (folder / "data").exists() or reaches(account, folder):
        return folder
    home = Path(tempfile.mkdtemp(prefix="cluster-", dir=SYSTEM_FOLDER))
    home.chmod(0o711)
    record.write_text(str(home))
    return home


def subfolder(home: Path, name: str, account: str) -> Path:
    """A folder of the server's account alone."""
    path = home / name
    path.mkdir(mode=0o700, exist_ok=True)
    _give(path, account, 0o700)
    return path


def socket_folder(folder: Path, home: Path, account: str) -> Path:
    """The folder of the Unix socket: inside home, or where that path is too long a short one with a random name."""
    mode = 0o750 if is_root() else 0o700
    inside = home / "run"
    if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        inside.mkdir(mode=0o700, exist_ok=True)
        _give(inside, account, mode)
        return inside
    record = folder / "socket"
    if record.exists() and _is_private(Path(record.read_text()), account):
        return Path(record.read_text())
    outside = Path(tempfile.mkdtemp(prefix="amis-", dir=_short_folder()))
    _give(outside, account, mode)
    record.write_text(str(outside))
    return outside


def _short_folder() -> str:
    runtime = "/run" if is_root() else os.environ.get("XDG_RUNTIME_DIR", "")
    usable = len(runtime) < 60 and os.access(runtime, os.W_OK | os.X_OK)
    return runtime if usable else "/tmp"  # noqa: S108 - mkdtemp makes a private folder with a random name in it


def _is_private(path: Path, account: str) -> bool:
    # Anybody may have made a folder of this name since the system cleaned up ours.
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == pwd.getpwnam(account).pw_uid and not seen.st_mode & 0o007


def _give(path: Path, account: str, mode: int) -> None:
    if is_root():
        shutil.chown(path, account, pwd.getpwnam(account).pw_gid)
    path.chmod(mode)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one process at a time prepare, start or stop; the others wait."""
    descriptor = os.open(folder / "change.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold `folder` for one running AMIS; raises FolderInUse when another process holds it.

    The kernel drops the lock with the process, so nothing stale is left after a crash.
    """
    claim(folder)
    descriptor = os.open(folder / "held.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 20).decode()
            raise FolderInUse(f"Folder {folder}, process {holder}. Stop that one first.") from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)
