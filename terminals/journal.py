"""What the terminal has asked: each request is on disk before it is sent, until it is answered.

Sequence numbers count up within one pairing and are never given twice, not even over a power cut.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path


class Journal:
    """A sqlite3 file with one row a request."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS request"
            " (seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, answer BLOB)"
        )

    def begin(self, body: Callable[[int], bytes]) -> tuple[int, bytes]:
        """The next sequence number and the body made with it, both durable."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            cursor = self._db.execute("INSERT INTO request (body) VALUES (x'')")
            seq = int(cursor.lastrowid or 0)
            content = body(seq)
            self._db.execute("UPDATE request SET body = ? WHERE seq = ?", (content, seq))
        return seq, content

    def settle(self, seq: int, answer: bytes) -> None:
        """The request was answered."""
        self._db.execute("UPDATE request SET answer = ? WHERE seq = ?", (answer, seq))

    def pending(self) -> list[tuple[int, bytes]]:
        """The requests without an answer, oldest first."""
        return list(self._db.execute("SELECT seq, body FROM request WHERE answer IS NULL ORDER BY seq"))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()
