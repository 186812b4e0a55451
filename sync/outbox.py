"""The events to send, in a file: an event is in it before it is sent, and pending until its verdict is in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sync.verdict import EventVerdict

_TABLE = """
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    verdict TEXT,
    code TEXT,
    pointer TEXT
)
"""
_PENDING_INDEX = "CREATE INDEX IF NOT EXISTS event_pending ON event (seq) WHERE verdict IS NULL"


class Outbox:
    """A queue of CloudEvents (JSON format) in a sqlite3 file; `:memory:` forgets at exit.

    Content of applied and unchanged events is erased with the verdict: the file holds personal data no longer than
    it must. Others stay for the operator of the source.
    """

    def __init__(self, path: Path | str) -> None:
        if path != ":memory:":
            # Created by us first, so that the file with personal codes is never readable by others.
            Path(path).touch(mode=0o600)
        self._file = sqlite3.connect(path)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.execute("PRAGMA secure_delete = ON")
        with self._file:
            self._file.execute(_TABLE)
            self._file.execute(_PENDING_INDEX)

    def close(self) -> None:
        self._file.close()

    def add(self, events: Iterable[dict[str, Any]]) -> int:
        """Append events durably; returns how many."""
        rows = [(json.dumps(event, ensure_ascii=False, separators=(",", ":")),) for event in events]
        with self._file:
            self._file.executemany("INSERT INTO event (event) VALUES (?)", rows)
        return len(rows)

    def pending(self, most: int) -> list[tuple[int, str]]:
        """The oldest events without a verdict: (seq, event as JSON text)."""
        found = self._file.execute("SELECT seq, event FROM event WHERE verdict IS NULL ORDER BY seq LIMIT ?", (most,))
        return found.fetchall()

    def settle(self, verdicts: Iterable[tuple[int, EventVerdict]]) -> None:
        """Record the verdict of each event by its seq."""
        rows = [
            (line.verdict, line.error.code if line.error else None, line.error.pointer if line.error else None, seq)
            for seq, line in verdicts
        ]
        with self._file:
            self._file.executemany(
                "UPDATE event SET verdict = ?1, code = ?2, pointer = ?3,"
                " event = CASE WHEN ?1 IN ('applied', 'unchanged') THEN '' ELSE event END WHERE seq = ?4",
                rows,
            )

    def reopen(self) -> int:
        """Makes events that were refused pending again, as when the receiver has learned their status since."""
        with self._file:
            refused = "verdict NOT IN ('applied', 'unchanged', 'stale')"
            done = self._file.execute(f"UPDATE event SET verdict = NULL, code = NULL, pointer = NULL WHERE {refused}")  # noqa: S608
        return done.rowcount

    def counts(self) -> dict[str, int]:
        """How many events there are by verdict; those without one under `pending`."""
        return dict(self._file.execute("SELECT coalesce(verdict, 'pending'), count(*) FROM event GROUP BY 1"))

    def refused(self, most: int = 100) -> list[tuple[int, str, str | None, str | None]]:
        """The latest events that were not taken: (seq, verdict, code, pointer)."""
        found = self._file.execute(
            "SELECT seq, verdict, code, pointer FROM event"
            " WHERE verdict NOT IN ('applied', 'unchanged', 'stale') ORDER BY seq DESC LIMIT ?",
            (most,),
        )
        return found.fetchall()
