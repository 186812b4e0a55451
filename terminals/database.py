"""The journal's file: sqlite3 that forces each transaction to disk, and its faults in the terminal's own words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from terminals.errors import HomeTaken, JournalDamaged, JournalFull, TerminalError

_TABLES = """
CREATE TABLE IF NOT EXISTS request (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    at INTEGER NOT NULL,
    body BLOB,
    use BLOB,
    answer BLOB
);
CREATE INDEX IF NOT EXISTS request_open ON request (seq) WHERE state = 'open';
CREATE TABLE IF NOT EXISTS record (
    pos INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'unsent',
    at INTEGER NOT NULL,
    hash TEXT NOT NULL,
    line BLOB NOT NULL,
    outcome BLOB
);
CREATE INDEX IF NOT EXISTS record_unsent ON record (pos) WHERE state = 'unsent';
CREATE TABLE IF NOT EXISTS reserve (id TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
_UNWRITABLE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def open_database(path: Path) -> sqlite3.Connection:
    """Opens the file, or makes it, readable by its owner alone. Raises as `faults`."""
    with faults():
        path.touch(mode=0o600)
        database = sqlite3.connect(path, isolation_level=None)
        for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            database.execute(f"PRAGMA {setting}")
        database.executescript(_TABLES)
    return database


@contextmanager
def writing(database: sqlite3.Connection) -> Iterator[None]:
    """One transaction: on disk when it ends, or nothing of it. Raises as `faults`."""
    with faults():
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")


@contextmanager
def reading(database: sqlite3.Connection) -> Iterator[None]:
    """One look: nothing is seen of what is written meanwhile. Raises as `faults`."""
    with faults():
        database.execute("BEGIN")
        try:
            yield
        finally:
            database.execute("ROLLBACK")


@contextmanager
def faults() -> Iterator[None]:
    """Says what is wrong with the file.

    Raises:
        JournalFull, JournalDamaged, HomeTaken
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _fault(error) from error
    except OSError as error:
        raise JournalFull(error.strerror or "") from error


def _fault(error: sqlite3.DatabaseError) -> TerminalError:
    # the low byte is the error, the rest says where it happened (sqlite.org/rescode.html)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in _UNWRITABLE:
        return JournalFull(str(error))
    return HomeTaken(str(error)) if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else JournalDamaged(str(error))
