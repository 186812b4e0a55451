"""The server's own configuration: Unix socket only, no trust, durable.

The files lie outside the data folder, where the server can read but not change them.
"""

import os
import pwd
import tempfile
from pathlib import Path

from amis.kernel.postgres.account import is_root, own_name
from amis.kernel.postgres.cluster import LOGIN_ROLES, PORT, SUPERUSER, Cluster

MAP = "amis"


def write_config(cluster: Cluster, shared_buffers: str) -> None:
    """Write postgresql.conf, pg_hba.conf and pg_ident.conf; they count from the next start."""
    folder = cluster.home / "conf"
    folder.mkdir(mode=0o700, exist_ok=True)
    group = pwd.getpwnam(cluster.account).pw_gid
    texts = {
        "postgresql.conf": _settings(cluster, shared_buffers),
        "pg_hba.conf": _access(),
        "pg_ident.conf": _accounts(),
    }
    for name, text in texts.items():
        _replace(folder / name, text, group)
    if is_root():
        os.chown(folder, 0, group)
    folder.chmod(0o750)


def _settings(cluster: Cluster, shared_buffers: str) -> str:
    folder = cluster.home / "conf"
    settings = {
        "data_directory": str(cluster.data),
        "hba_file": str(folder / "pg_hba.conf"),
        "ident_file": str(folder / "pg_ident.conf"),
        "cluster_name": "amis",
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": '"' + str(cluster.socket).replace('"', '""') + '"',
        "unix_socket_permissions": "0770" if is_root() else "0700",
        "password_encryption": "scram-sha-256",
        "allow_alter_system": "off",
        "max_connections": 100,
        "shared_buffers": shared_buffers,
        "max_wal_size": "1GB",
        "wal_level": "replica",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        # Messages of failed statements quote the values of rows, which are persons' data; the client gets them anyway.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_checkpoints": "off",
    }
    return "".join(f"{name} = {_quoted(str(value))}\n" for name, value in settings.items())


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _access() -> str:
    return f"local all {','.join((SUPERUSER, *LOGIN_ROLES))} peer map={MAP}\nlocal all all reject\n"


def _accounts() -> str:
    return "".join(f'{MAP} "{own_name()}" {role}\n' for role in (SUPERUSER, *LOGIN_ROLES))


def _replace(path: Path, text: str, group: int) -> None:
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        os.fchmod(descriptor, 0o640)
        if is_root():
            os.fchown(descriptor, 0, group)
    Path(draft).replace(path)
