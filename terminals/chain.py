"""The chain of lines for upload: each names the SHA-256 of the one before it.

So no line can be altered, taken out or moved unseen. The service remembers the newest line that it was told of, so the
end cannot be cut off for long either.
"""

import json
import sqlite3
from collections.abc import Callable
from typing import NamedTuple

from terminals.errors import JournalDamaged
from terminals.keeping import Seal
from terminals.line import BEFORE_FIRST, REFUSED, Outcome, digest

Text = Callable[[int, bytes], bytes]


class Head(NamedTuple):
    """The newest line: how many there have been, the number of its tap, its digest."""

    pos: int
    seq: int
    hash: str


_EMPTY = Head(0, 0, BEFORE_FIRST)


class Chain:
    """The table `record` of a journal. What writes is called inside the journal's transaction."""

    def __init__(self, database: sqlite3.Connection, seal: Seal) -> None:
        """`seal` seals the lines."""
        self._db = database
        self._seal = seal

    def head(self) -> Head:
        """The newest line, or where there is none, the beginning. Raises StoreDamaged."""
        return self._marked("head")

    def append(self, seq: int, at: int, make: Callable[[str], bytes]) -> bytes:
        """Adds the line that `make` gives for the digest of the one before it; `at` in Unix seconds."""
        head = self.head()
        line, pos = make(head.hash), head.pos + 1
        sealed = self._seal.close(line, f"line {pos}")
        row = pos, seq, at, digest(line), sealed
        self._db.execute("INSERT INTO record (pos, seq, at, hash, line) VALUES (?, ?, ?, ?, ?)", row)
        self._mark("head", Head(pos, seq, digest(line)))
        return line

    def unsent(self, limit: int) -> list[tuple[int, bytes]]:
        """The oldest lines that the service has not answered for: (seq, line). Raises StoreDamaged."""
        asked = "SELECT pos, seq, line FROM record WHERE state = 'unsent' ORDER BY pos LIMIT ?"
        rows = self._db.execute(asked, (limit,)).fetchall()
        return [(seq, self._seal.open(line, f"line {pos}")) for pos, seq, line in rows]

    def waiting(self) -> int:
        """How many lines the service has not answered for."""
        return int(self._db.execute("SELECT count(*) FROM record WHERE state = 'unsent'").fetchone()[0])

    def settle(self, outcome: Outcome) -> None:
        """The service has answered for a line; a refused one is kept with the answer."""
        refused = outcome.outcome == REFUSED
        said = self._seal.close(outcome.said, f"outcome {outcome.seq}") if refused else None
        settled = "refused" if refused else "sent", said, outcome.seq
        self._db.execute("UPDATE record SET state = ?, outcome = ? WHERE seq = ? AND state = 'unsent'", settled)

    def verify(self, text: Text) -> Head:
        """Looks at every line that is kept; `text` opens the request of a tap where it is kept.

        Raises:
            JournalDamaged: a line or a text was altered, taken out, put in or moved.
            StoreDamaged: a byte of one was.
        """
        last, end = self._marked("base"), self.head()
        asked = "SELECT pos, record.seq, hash, line, body FROM record LEFT JOIN request USING (seq) ORDER BY pos"
        for pos, seq, said, sealed, body in self._db.execute(asked):
            line = self._seal.open(sealed, f"line {pos}")
            content = json.loads(line)
            follows = (pos, content["prev"], content["seq"], said) == (last.pos + 1, last.hash, seq, digest(line))
            if not follows or (body is not None and digest(text(seq, body)) != content["sha"]):
                raise JournalDamaged(f"line {pos}")
            last = Head(pos, seq, said)
        if last != end:
            raise JournalDamaged(f"lines {last.pos + 1} to {end.pos} are missing")
        return end

    def prune(self, before: int) -> None:
        """Drops the oldest lines up to the first that is unsent or not older than `before` (Unix seconds)."""
        asked = "SELECT min(pos) FROM record WHERE state = 'unsent' OR at >= ?"
        keep = self._db.execute(asked, (before,)).fetchone()[0] or self.head().pos + 1
        last = self._db.execute("SELECT pos, seq, hash FROM record WHERE pos = ?", (keep - 1,)).fetchone()
        if last is not None:
            self._mark("base", Head(*last))
            self._db.execute("DELETE FROM record WHERE pos < ?", (keep,))

    def _marked(self, name: str) -> Head:
        row = self._db.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return _EMPTY if row is None else Head(*json.loads(self._seal.open(row[0], name)))

    def _mark(self, name: str, head: Head) -> None:
        sealed = self._seal.close(json.dumps(head).encode(), name)
        replaced = "INSERT INTO mark VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        self._db.execute(replaced, (name, sealed))
