"""Start and stop the server."""

import os
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from amis.kernel.postgres.account import run_as
from amis.kernel.postgres.cluster import PORT, Cluster
from amis.kernel.postgres.errors import PostgresUnavailable, ProgramFailed
from amis.kernel.postgres.place import one_at_a_time

PATIENCE = 300  # seconds: recovery after a crash replays up to max_wal_size
STEP = 0.05
STATUS_LINE = 7  # of postmaster.pid


def start(cluster: Cluster, environment: Mapping[str, str] | None = None) -> None:
    """Start the server and wait until it answers; nothing happens when it runs already.

    `environment` is added to the server's otherwise empty environment. Raises ProgramFailed with the end of the log.
    """
    with one_at_a_time(cluster.folder):
        if running(cluster):
            _await_ready(cluster)
            return
        _clear_remains(cluster)
        try:
            _pg_ctl(cluster, "start", "-l", "log/postgresql.log", environment=environment)
        except ProgramFailed as error:
            raise ProgramFailed(f"{error.detail}\n{_end_of_log(cluster)}") from error


def stop(cluster: Cluster, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
    """Stop the server and wait until it has gone; nothing happens when it does not run.

    smart waits for the clients, fast sends them away, immediate leaves the next start to recover.
    """
    with one_at_a_time(cluster.folder):
        if running(cluster):
            _pg_ctl(cluster, "stop", "-m", mode)


def running(cluster: Cluster) -> bool:
    """Whether a server works on the cluster's data."""
    return postmaster(cluster) is not None


def postmaster(cluster: Cluster) -> int | None:
    """The process id of the server, None when there is none."""
    lines = _pid_file(cluster)
    pid = int(lines[0]) if lines else 0
    return pid if pid in _processes(cluster) else None


def erase(cluster: Cluster) -> None:
    """Stop the server and delete the cluster with everything in it."""
    stop(cluster, "immediate")
    for path in {cluster.socket, cluster.home, cluster.folder}:
        if path.exists():
            shutil.rmtree(path)


def _pg_ctl(cluster: Cluster, verb: str, *options: str, environment: Mapping[str, str] | None = None) -> None:
    # Relative paths: pg_ctl hands them to a shell, so a folder's name must not be among them.
    command = [str(cluster.programs / "pg_ctl"), verb, "-D", "conf", "-w", "-t", str(PATIENCE), *options]
    run_as(cluster.account, command, cluster.home, environment)


def _pid_file(cluster: Cluster) -> list[str]:
    try:
        return (cluster.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _await_ready(cluster: Cluster) -> None:
    for _ in range(round(PATIENCE / STEP)):
        lines = _pid_file(cluster)
        if len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready":
            return
        time.sleep(STEP)
    raise PostgresUnavailable(f"It did not become ready in {PATIENCE} seconds.\n{_end_of_log(cluster)}")


def _processes(cluster: Cluster) -> set[int]:
    """The server's processes: PostgreSQL's programs whose working folder is the data folder."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            inside = os.readlink(entry / "cwd") == str(cluster.data)
            if inside and Path(os.readlink(entry / "exe")).name.startswith("postgres"):
                found.add(int(entry.name))
        except OSError:  # gone meanwhile, or another account's
            continue
    return found


def _clear_remains(cluster: Cluster) -> None:
    """Clear what a killed server left: processes that hold its memory, and the lock files of data and socket.

    A new server refuses to start beside either; the process number in the files may be a zombie's or a stranger's.
    """
    if not (_all_gone(cluster, 1) or _ended(cluster, signal.SIGQUIT) or _ended(cluster, signal.SIGKILL)):
        raise PostgresUnavailable(f"Processes {sorted(_processes(cluster))} of a killed server do not end.")
    for lock in (cluster.data / "postmaster.pid", cluster.socket / f".s.PGSQL.{PORT}.lock"):
        lock.unlink(missing_ok=True)


def _ended(cluster: Cluster, sent: signal.Signals) -> bool:
    for pid in _processes(cluster):
        _send(pid, sent)
    return _all_gone(cluster, 10)


def _send(pid: int, sent: signal.Signals) -> None:
    try:
        os.kill(pid, sent)
    except ProcessLookupError:
        return


def _all_gone(cluster: Cluster, seconds: float) -> bool:
    for _ in range(round(seconds / STEP)):
        if not _processes(cluster):
            return True
        time.sleep(STEP)
    return False


def _end_of_log(cluster: Cluster) -> str:
    try:
        return "\n".join(cluster.log.read_text(errors="replace").splitlines()[-15:])
    except FileNotFoundError:
        return ""
