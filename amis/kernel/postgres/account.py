"""The operating system account of the server, and running PostgreSQL's programs as it.

PostgreSQL refuses to run as root. Root therefore runs it as a system account of its own, anybody else as oneself.
"""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from amis.kernel.postgres.errors import ProgramFailed, WrongAccount

SYSTEM_ACCOUNT = "amis-pg"
SYSTEM_FOLDER = Path("/var/lib/amis-pg")


def is_root() -> bool:
    return os.geteuid() == 0


def own_name() -> str:
    """The name of the account that runs this process; peer authentication knows accounts by name only."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise WrongAccount(f"User id {os.geteuid()} has no name in the system's user list.") from error


def server_account() -> str:
    """The account the server runs as; as root it is made when it is missing."""
    if not is_root():
        return own_name()
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o755)
    try:
        pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        _add_system_account()
    return SYSTEM_ACCOUNT


def _add_system_account() -> None:
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_FOLDER)]
    command = ["/usr/sbin/useradd", *options, "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT]
    result = _finished(command)
    already_there = 9
    if result.returncode not in (0, already_there):
        raise WrongAccount(f"The account {SYSTEM_ACCOUNT} could not be made: {result.stderr.strip()}")


def _finished(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words only
    except FileNotFoundError as error:
        raise WrongAccount(f"{command[0]} is missing.") from error


def run_as(account: str, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run one program as `account` with `folder` as its working folder; returns what it printed.

    The environment starts empty, since PGDATA, PGPORT and their like would lead the programs elsewhere.
    """
    who = pwd.getpwnam(account)
    change = is_root()
    result = subprocess.run(  # noqa: S603 - a list of our own making, no shell
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": str(folder), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        umask=0o077,
        user=who.pw_uid if change else None,
        group=who.pw_gid if change else None,
        extra_groups=[] if change else None,
        check=False,
    )
    if result.returncode:
        raise ProgramFailed(f"{Path(command[0]).name} ended with {result.returncode}: {result.stdout.strip()}")
    return result.stdout


def reaches(account: str, folder: Path) -> bool:
    """Whether `account` can enter `folder`; asked of the kernel, because of access lists."""
    try:
        run_as(account, ["/usr/bin/test", "-x", str(folder)], Path("/"))
    except ProgramFailed:
        return False
    return True
