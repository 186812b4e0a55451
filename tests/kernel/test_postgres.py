import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from amis.kernel import postgres
from amis.kernel.postgres.account import SYSTEM_FOLDER
from amis.kernel.postgres.programs import programs_folder

ROOT = os.geteuid() == 0


def asked(cluster: postgres.Cluster, query: str, role: str = "postgres", database: str = "amis") -> list[tuple]:
    with psycopg.connect(postgres.url(cluster, role, database), autocommit=True) as connection:
        answer = connection.execute(query)
        return answer.fetchall() if answer.description else []


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(memory_folder: Path) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(dir=memory_folder))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def own_cluster(folder: Path) -> Iterator[postgres.Cluster]:
    """A server that a test may kill."""
    made = postgres.prepare(folder / "pg", shared_buffers="128MB")
    postgres.start(made)
    yield made
    postgres.erase(made)


def test_the_application_connects_as_each_login_role(cluster):
    for role in postgres.LOGIN_ROLES:
        assert asked(cluster, "SELECT current_user::text, session_user::text", role) == [(role, role)]


def test_nobody_signs_in_as_the_owner_of_the_hot_path(cluster):
    with pytest.raises(psycopg.OperationalError, match="pg_hba"):
        asked(cluster, "SELECT 1", "amis_hot")


def test_no_role_of_amis_passes_row_level_security_or_makes_roles(cluster):
    query = """SELECT rolname, rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
               FROM pg_roles WHERE rolname LIKE 'amis%' ORDER BY rolname"""
    assert asked(cluster, query) == [
        ("amis_app", True, False),
        ("amis_auditor", True, False),
        ("amis_hot", False, False),
        ("amis_owner", True, False),
        ("amis_worker", True, False),
    ]


def test_the_owner_hands_functions_to_the_hot_role_and_the_application_cannot(cluster, make_database):
    database = make_database()
    asked(
        cluster,
        """GRANT CREATE ON SCHEMA public TO amis_hot;
           CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
           ALTER FUNCTION one() OWNER TO amis_hot""",
        "amis_owner",
        database,
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asked(cluster, "SET ROLE amis_hot", "amis_app", database)


def test_the_application_has_temporary_tables_and_no_others(cluster):
    asked(cluster, "CREATE TEMP TABLE staged (id int)", "amis_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asked(cluster, "CREATE TABLE kept (id int)", "amis_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asked(cluster, "CREATE TEMP TABLE staged (id int)", "amis_auditor")


def test_making_the_roles_again_changes_nothing(cluster):
    before = asked(cluster, "SELECT oid, rolname FROM pg_roles ORDER BY oid")
    postgres.create_roles(cluster)
    assert asked(cluster, "SELECT oid, rolname FROM pg_roles ORDER BY oid") == before


def test_a_database_is_copied_from_a_template(cluster, make_database):
    template = make_database()
    asked(cluster, "CREATE TABLE place (name text); INSERT INTO place VALUES ('Jelgava')", "amis_owner", template)
    copy = make_database(template)
    assert asked(cluster, "SELECT name FROM place", "amis_owner", copy) == [("Jelgava",)]
    assert copy != template


def test_latvian_letters_and_exclusion_constraints_work(cluster, make_database):
    database = make_database()
    asked(
        cluster,
        "CREATE TABLE t (id int, p daterange, EXCLUDE USING gist (id WITH =, p WITH &&))",
        "amis_owner",
        database,
    )
    query = (
        "SELECT lower('ĀČĒĢĪĶĻŅŠŪŽ'), pg_encoding_to_char(encoding), datlocprovider::text, datlocale FROM pg_database"
    )
    assert asked(cluster, f"{query} WHERE datname = '{database}'", "amis_app", database) == [
        ("āčēģīķļņšūž", "UTF8", "b", "C.UTF-8")
    ]


def test_the_server_runs_with_our_settings(own_cluster):
    expected = {
        "data_checksums": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "jit": "off",
        "max_wal_size": "1GB",
        "shared_buffers": "128MB",
        "wal_level": "replica",
        "TimeZone": "UTC",
        "password_encryption": "scram-sha-256",
    }
    names = ", ".join(f"current_setting('{name}')" for name in expected)
    assert asked(own_cluster, f"SELECT {names}", database="postgres") == [tuple(expected.values())]
    assert asked(own_cluster, "SHOW server_version_num", database="postgres")[0][0].startswith("18")


def test_half_a_gigabyte_is_shared_when_nothing_else_is_said(folder):
    made = postgres.prepare(folder / "pg")
    assert "shared_buffers = '512MB'" in (made.home / "conf" / "postgresql.conf").read_text()
    postgres.erase(made)


def test_the_server_listens_on_its_unix_socket_only(cluster):
    sockets = set()
    for link in Path(f"/proc/{postgres.postmaster(cluster)}/fd").iterdir():
        sockets.update(re.findall(r"socket:\[(\d+)\]", os.readlink(link)))
    tcp = [line.split()[9] for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    unix = {line.split()[6]: line.split()[-1] for line in Path("/proc/net/unix").read_text().splitlines()[1:]}
    assert not sockets & set(tcp)
    assert str(cluster.socket / ".s.PGSQL.5432") in {unix.get(inode) for inode in sockets}


def test_only_the_server_and_its_group_reach_socket_and_data(cluster):
    server = pwd.getpwnam(cluster.account)
    assert mode(cluster.socket) == (0o750 if ROOT else 0o700)
    assert mode(cluster.socket / ".s.PGSQL.5432") == (0o770 if ROOT else 0o700)
    assert mode(cluster.data) == 0o700
    assert mode(cluster.home / "conf") == 0o750
    assert {path.stat().st_uid for path in (cluster.socket, cluster.data)} == {server.pw_uid}
    assert (cluster.home / "conf").stat().st_uid == os.geteuid()


def test_every_way_in_asks_for_the_operating_system_account(cluster):
    rules = asked(cluster, "SELECT type, auth_method, error FROM pg_hba_file_rules ORDER BY rule_number")
    assert rules == [("local", "peer", None), ("local", "reject", None)]
    accounts = asked(cluster, "SELECT DISTINCT sys_name, error FROM pg_ident_file_mappings")
    assert accounts == [(pwd.getpwuid(os.geteuid()).pw_name, None)]


def test_sqlalchemy_reads_the_address(cluster):
    engine = create_engine(postgres.url(cluster, "amis_app"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == "amis_app"
    engine.dispose()


def test_a_client_refuses_a_server_of_another_account(cluster):
    address = postgres.url(cluster, "amis_app").replace(f"requirepeer={cluster.account}", "requirepeer=daemon")
    with pytest.raises(psycopg.OperationalError, match="requirepeer"):
        psycopg.connect(address)


def test_the_log_keeps_no_values_of_rows(cluster, make_database):
    database = make_database()
    asked(cluster, "CREATE TABLE person (name text PRIMARY KEY, born date)", "amis_owner", database)
    for statement in ("INSERT INTO person VALUES ('Zeltīte'), ('Zeltīte')", "SELECT 'Zeltīte'::date"):
        with pytest.raises(psycopg.Error, match="Zeltīte"):
            asked(cluster, statement, "amis_owner", database)
    assert "ready to accept connections" in cluster.log.read_text()
    assert "Zeltīte" not in cluster.log.read_text()


def test_the_second_start_and_the_second_stop_do_nothing(own_cluster):
    first = postgres.postmaster(own_cluster)
    postgres.start(postgres.prepare(own_cluster.folder, shared_buffers="128MB"))
    assert postgres.postmaster(own_cluster) == first
    postgres.stop(own_cluster)
    postgres.stop(own_cluster)
    assert not postgres.running(own_cluster)


def test_committed_rows_outlive_a_killed_server_with_a_busy_backend(own_cluster):
    postgres.create_roles(own_cluster)
    asked(own_cluster, "CREATE TABLE kept (id int); INSERT INTO kept SELECT generate_series(1, 1000)", "amis_owner")
    # This backend never looks up from its work, so it outlives the server and holds its shared memory.
    busy = subprocess.Popen(
        [own_cluster.programs / "psql", postgres.url(own_cluster, "amis_owner"), "-c", "DO 'BEGIN LOOP END LOOP; END'"],
        stderr=subprocess.DEVNULL,
    )
    while not asked(own_cluster, "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO%'"):
        assert busy.poll() is None
    kill(own_cluster)
    postgres.start(own_cluster)
    assert asked(own_cluster, "SELECT count(*) FROM kept", "amis_owner") == [(1000,)]
    assert busy.wait(30) != 0


def test_a_pid_file_that_names_another_process_does_not_stop_a_start(own_cluster):
    postgres.stop(own_cluster, "immediate")
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=pwd.getpwnam(own_cluster.account).pw_uid if ROOT else None)
    (own_cluster.data / "postmaster.pid").write_text(f"{stranger.pid}\n{own_cluster.data}\n1\n5432\n\n\n\nready   \n")
    assert not postgres.running(own_cluster)
    postgres.start(own_cluster)
    assert asked(own_cluster, "SELECT 1", database="postgres") == [(1,)]
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_data_survive_preparing_again_and_an_interrupted_initdb_starts_over(folder):
    (folder / "pg").mkdir()
    (folder / "pg" / "data.new").mkdir()
    (folder / "pg" / "data.new" / "PG_VERSION").write_text("18")
    made = postgres.prepare(folder / "pg", shared_buffers="128MB")
    identity = (made.data / "global" / "pg_control").stat().st_ino
    assert (postgres.prepare(folder / "pg").data / "global" / "pg_control").stat().st_ino == identity
    postgres.erase(made)


def test_odd_and_deep_folder_names_work(folder):
    deep = folder / "a 'b' \"c\" $(d) `e` , ā\\f" / ("x" * 100)
    made = postgres.prepare(deep, shared_buffers="128MB")
    postgres.start(made)
    assert asked(made, "SELECT 1", database="postgres") == [(1,)]
    assert len(os.fsencode(made.socket)) < 90
    assert mode(made.socket) == (0o750 if ROOT else 0o700)
    assert postgres.prepare(deep).socket == made.socket
    postgres.erase(made)
    assert not made.socket.exists()
    assert not deep.exists()


def test_a_socket_folder_that_somebody_else_opened_is_not_used(folder):
    deep = folder / ("x" * 100)
    made = postgres.prepare(deep)
    made.socket.chmod(0o777)
    again = postgres.prepare(deep)
    assert again.socket != made.socket
    made.socket.rmdir()
    postgres.erase(again)


def test_a_failed_start_tells_the_end_of_the_log(folder):
    made = postgres.prepare(folder / "pg", shared_buffers="never")
    with pytest.raises(postgres.ProgramFailed, match="shared_buffers") as caught:
        postgres.start(made)
    assert str(caught.value).startswith("A PostgreSQL program ended with an error.")
    postgres.erase(made)


def test_erasing_stops_the_server_and_leaves_nothing(folder):
    made = postgres.prepare(folder / "pg", shared_buffers="128MB")
    postgres.start(made)
    pid = postgres.postmaster(made)
    postgres.erase(made)
    assert not Path(f"/proc/{pid}/exe").exists()
    assert list(folder.iterdir()) == []


def test_two_at_one_folder_get_a_clear_error(folder):
    with postgres.held(folder / "pg"), pytest.raises(postgres.FolderInUse, match=f"process {os.getpid()}"):
        postgres.held(folder / "pg").__enter__()
    with postgres.held(folder / "pg"):
        assert mode(folder / "pg" / "held.lock") == 0o600


def become(name: str) -> None:
    who = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(who.pw_gid)
    os.setuid(who.pw_uid)


def as_account(name: str, work: Callable[..., object], *arguments: object) -> object:
    """Do `work` in a child process that has become `name` for good."""
    with ProcessPoolExecutor(1, mp_context=get_context("fork"), initializer=become, initargs=(name,)) as pool:
        return pool.submit(work, *arguments).result()


def kill(cluster: postgres.Cluster) -> None:
    """Ends the server as a power cut would, and waits until the kernel has taken the process away."""
    os.kill(postgres.postmaster(cluster) or 0, signal.SIGKILL)
    while postgres.running(cluster):
        time.sleep(0.01)


def whole_life(folder: Path, programs: Path) -> tuple[str, int, int]:
    made = postgres.prepare(folder, shared_buffers="128MB", programs=programs)
    postgres.start(made)
    postgres.create_roles(made)
    asked(made, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)", "amis_owner")
    kill(made)
    postgres.start(made)
    rows = asked(made, "SELECT id FROM kept", "amis_owner")
    found = made.account, rows[0][0], mode(made.socket)
    postgres.stop(made)
    return found


def attempt(address: str) -> str:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError as error:
        return str(error)
    return "connected"


# To be somebody else one has to be root; for an ordinary user the tests above are those of an ordinary user.
if ROOT:

    @pytest.fixture
    def ordinary() -> Iterator[str]:
        name = f"amis-test-{secrets.token_hex(4)}"
        subprocess.run(["/usr/sbin/useradd", "--system", "--no-create-home", name], check=True)
        yield name
        subprocess.run(["/usr/sbin/userdel", name], check=True)

    def test_an_ordinary_user_runs_it_as_oneself(folder, ordinary):
        shutil.chown(folder, ordinary)
        assert as_account(ordinary, whole_life, folder / "pg", programs_folder()) == (ordinary, 1, 0o700)
        with pytest.raises(postgres.WrongAccount, match="belongs to user id"):
            postgres.prepare(folder / "pg")

    def test_root_runs_it_as_a_system_account_without_a_shell(cluster):
        account = pwd.getpwnam(cluster.account)
        assert (account.pw_name, account.pw_shell) == ("amis-pg", "/usr/sbin/nologin")
        assert Path(f"/proc/{postgres.postmaster(cluster)}").stat().st_uid == account.pw_uid
        assert (cluster.programs / "postgres").stat().st_uid == 0

    def test_a_stranger_cannot_reach_the_socket(cluster, ordinary):
        answer = as_account(ordinary, attempt, postgres.url(cluster, "amis_app"))
        assert "Permission denied" in str(answer)

    def test_a_stranger_who_reaches_the_socket_is_still_refused(own_cluster, ordinary):
        postgres.create_roles(own_cluster)
        own_cluster.socket.chmod(0o755)
        (own_cluster.socket / ".s.PGSQL.5432").chmod(0o777)
        for role in (*postgres.LOGIN_ROLES, "postgres", "amis_hot"):
            answer = str(as_account(ordinary, attempt, postgres.url(own_cluster, role)))
            assert "Peer authentication failed" in answer or "rejects connection" in answer

    def test_a_private_parent_folder_stays_private_and_the_data_go_elsewhere(folder):
        folder.chmod(0o700)
        made = postgres.prepare(folder / "pg", shared_buffers="128MB")
        postgres.start(made)
        assert asked(made, "SELECT 1", database="postgres") == [(1,)]
        assert made.home.parent == SYSTEM_FOLDER
        assert mode(folder) == 0o700
        assert postgres.prepare(folder / "pg").home == made.home
        postgres.erase(made)
        assert not made.home.exists()
