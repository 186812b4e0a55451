"""A PostgreSQL of our own: where it lives and how to reach it."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

PORT = 5432  # only a part of the socket's file name: nothing listens on TCP
SUPERUSER = "postgres"
LOGIN_ROLES = ("amis_owner", "amis_app", "amis_worker", "amis_auditor")
DATABASE = "amis"


@dataclass(frozen=True)
class Cluster:
    """One prepared PostgreSQL.

    `folder` is what the caller named and locks; `home` holds conf/, data/ and log/ (the same folder unless the
    server's account cannot reach it); `socket` is the folder of the Unix socket; `account` is the operating system
    account of the server; `programs` is the folder of postgres, pg_ctl, psql and the rest.
    """

    folder: Path
    home: Path
    socket: Path
    account: str
    programs: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log" / "postgresql.log"


def url(cluster: Cluster, role: str, database: str = DATABASE) -> str:
    """The address of `database` for `role`, as libpq, psycopg and SQLAlchemy read it.

    `requirepeer` makes libpq refuse a socket that somebody other than the server's account has opened.
    """
    query = {"host": str(cluster.socket), "port": PORT, "requirepeer": cluster.account}
    return f"postgresql://{quote(role, safe='')}@/{quote(database, safe='')}?{urlencode(query, quote_via=quote)}"
