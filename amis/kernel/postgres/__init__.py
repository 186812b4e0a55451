"""The PostgreSQL 18 that AMIS runs itself: a folder, a Unix socket, no TCP, no passwords.

cluster = prepare(Path("var/postgres"))
start(cluster)
create_roles(cluster)
engine = create_engine(url(cluster, "amis_app"))
"""

from amis.kernel.postgres.cluster import DATABASE, LOGIN_ROLES, SUPERUSER, Cluster, url
from amis.kernel.postgres.errors import FolderInUse, PostgresUnavailable, ProgramFailed, WrongAccount
from amis.kernel.postgres.place import held
from amis.kernel.postgres.prepare import prepare
from amis.kernel.postgres.process import erase, postmaster, running, start, stop
from amis.kernel.postgres.roles import create_database, create_roles

__all__ = [
    "DATABASE",
    "LOGIN_ROLES",
    "SUPERUSER",
    "Cluster",
    "FolderInUse",
    "PostgresUnavailable",
    "ProgramFailed",
    "WrongAccount",
    "create_database",
    "create_roles",
    "erase",
    "held",
    "postmaster",
    "prepare",
    "running",
    "start",
    "stop",
    "url",
]
