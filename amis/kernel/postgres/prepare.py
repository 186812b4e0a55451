"""Make a folder ready for PostgreSQL."""

import os
import shutil
from pathlib import Path

from amis.kernel.postgres.account import run_as, server_account
from amis.kernel.postgres.cluster import SUPERUSER, Cluster
from amis.kernel.postgres.config import write_config
from amis.kernel.postgres.place import claim, home_for, one_at_a_time, socket_folder, subfolder
from amis.kernel.postgres.programs import programs_folder


def prepare(folder: Path, *, shared_buffers: str = "512MB", programs: Path | None = None) -> Cluster:
    """Make `folder`, a folder of PostgreSQL alone, ready to start; with what is there it does nothing twice.

    `shared_buffers` is PostgreSQL's memory setting; `programs` is a folder with other programs of PostgreSQL 18 that
    the server's account can run (None: those of the wheel). Raises WrongAccount when the folder is another account's.
    """
    folder = folder.resolve()
    claim(folder)
    with one_at_a_time(folder):
        account = server_account()
        home = home_for(folder, account)
        socket = socket_folder(folder, home, account)
        cluster = Cluster(folder, home, socket, account, programs or programs_folder())
        subfolder(home, "log", account)
        write_config(cluster, shared_buffers)
        if not cluster.data.exists():
            _initialise(cluster)
    return cluster


def _initialise(cluster: Cluster) -> None:
    # The data folder appears under its name only when it is whole, so that an interrupted initdb starts over.
    draft = cluster.home / "data.new"
    if draft.exists():
        shutil.rmtree(draft)
    subfolder(cluster.home, draft.name, cluster.account)
    options = ["--data-checksums", "--auth=peer", "--encoding=UTF8", "--locale=C", "--no-instructions"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb = str(cluster.programs / "initdb")
    run_as(cluster.account, [initdb, *options, *locale, f"--username={SUPERUSER}", "-D", draft.name], cluster.home)
    draft.rename(cluster.data)
    _sync(cluster.home)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
