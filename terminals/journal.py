"""The terminal's journal: each request is on disk before it is sent, each decision before it is shown.

Sequence numbers count up and are never given twice, not even over a power cut. What the terminal decided alone becomes
a line for upload in a chain (`terminals.chain`). All content is sealed (`terminals.keeping`), and the texts of what was
shown are erased as soon as the service has answered for them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

from rules.claim import Counter, Memory
from terminals.chain import Chain, Head
from terminals.database import faults, open_database, reading, writing
from terminals.errors import JournalDamaged, JournalForeign, StoreDamaged
from terminals.keeping import STORE_KEY, Seals, seals_in
from terminals.line import Decided, Outcome
from terminals.noted import reserve_from, reserve_to, use_from, use_to
from terminals.remembered import Remembered, Reserve, Use

FILE = "journal.sqlite3"
TAP, RESERVE = "tap", "reserve"
"""What a request asks for."""
LINES_KEPT = timedelta(days=35)
"""So long a line is kept after the service has answered for it."""


def journal_in(home: Path, passphrase: str = "") -> "Journal":
    """The journal in a terminal's folder. Raises as `Journal` and as `terminals.keeping.seals_in`."""
    finish_wipe(home)
    return Journal(home / FILE, seals_in(home, passphrase))


def finish_wipe(home: Path) -> None:
    """Erases what a wipe that was cut short has left, before another key is made. Raises as `faults`."""
    if (home / FILE).exists() and not (home / STORE_KEY).exists():
        database = open_database(home / FILE)
        _forget(database)
        database.close()


class Journal:
    """One sqlite3 file. Whatever writes raises JournalFull or JournalDamaged and then has written nothing."""

    def __init__(self, path: Path, seals: Seals) -> None:
        """Opens or makes the file."""
        self._db = open_database(path)
        self._seals = seals
        self._chain = Chain(self._db, seals.records)
        self._recalled: Remembered | None = None

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def seal_with(self, seals: Seals) -> None:
        """From now on texts are sealed with another key: the one before was destroyed."""
        self._seals = seals

    def bind(self, pairing: str) -> None:
        """Says whose numbers these are: each pairing begins a new row of them.

        Raises:
            JournalForeign: they are another pairing's.
        """
        with writing(self._db):
            self._db.execute("INSERT INTO mark VALUES ('pairing', ?) ON CONFLICT DO NOTHING", (pairing,))
        found = self._db.execute("SELECT value FROM mark WHERE name = 'pairing'").fetchone()[0]
        if found != pairing:
            raise JournalForeign(found)

    def begin(self, body: Callable[[int], bytes], at: datetime, kind: str = TAP) -> tuple[int, bytes]:
        """The next sequence number and the body made with it, both durable; `at` is the time of the request."""
        with writing(self._db):
            made = self._db.execute("INSERT INTO request (kind, at) VALUES (?, ?)", (kind, int(at.timestamp())))
            seq = int(made.lastrowid or 0)
            content = body(seq)
            sealed = self._seals.store.close(content, f"body {seq}")
            self._db.execute("UPDATE request SET body = ? WHERE seq = ?", (sealed, seq))
        return seq, content

    def answered(self, seq: int, use: Use | None = None) -> None:
        """The service has answered this request; `use` is what it let happen."""
        with writing(self._db):
            self._close(seq, "answered", use)
        self._remember(seq, use, unsent=False)

    def refused(self, seq: int, answer: bytes) -> None:
        """The service will never take this request, and said why."""
        said = self._seals.records.close(answer, f"outcome {seq}")
        with writing(self._db):
            self._close(seq, "refused")
            self._db.execute("UPDATE request SET answer = ? WHERE seq = ?", (said, seq))

    def decided(self, decided: Decided, use: Use | None = None) -> bytes:
        """Writes down what the terminal decided alone and lets happen, and returns the line that will be uploaded.

        Where it fails, nothing may be shown but that the terminal cannot work.
        """
        seq = decided.seq
        with writing(self._db):
            line = self._chain.append(seq, int(decided.tap.at.timestamp()), decided.line)
            self._db.execute(
                "UPDATE request SET state = 'decided', use = ? WHERE seq = ?", (self._noted(seq, use), seq)
            )
        self._remember(seq, use, unsent=True)
        return line

    def pending(self, kind: str = TAP) -> list[tuple[int, bytes]]:
        """The requests of a kind that were neither answered nor decided, oldest first. Raises StoreDamaged."""
        asked = "SELECT seq, body FROM request WHERE state = 'open' AND kind = ? ORDER BY seq"
        with faults():
            return [(seq, self._text(seq, body)) for seq, body in self._db.execute(asked, (kind,))]

    def unsent(self, limit: int = 1000) -> list[tuple[int, bytes]]:
        """The oldest lines that the service has not answered for, in the order of the chain. Raises StoreDamaged."""
        with faults():
            return self._chain.unsent(limit)

    def sent(self, outcomes: list[Outcome]) -> None:
        """The service has answered for these lines. What it refused is kept, and not sent again."""
        known = self._remembered
        with writing(self._db):
            for outcome in outcomes:
                self._chain.settle(outcome)
                done = "seq = (SELECT seq FROM record WHERE seq = ? AND state = 'sent')"
                self._db.execute(f"UPDATE request SET body = NULL WHERE {done}", (outcome.seq,))  # noqa: S608  # ours
                if (use := known.sent(outcome.seq, spent=outcome.spent)) is not None:
                    self._db.execute(
                        "UPDATE request SET use = ? WHERE seq = ?", (self._noted(outcome.seq, use), outcome.seq)
                    )

    def refusals(self) -> list[tuple[int, bytes]]:
        """Numbers that the service refused, each with its answer, oldest first. Raises StoreDamaged."""
        both = "SELECT seq, outcome FROM record WHERE state = 'refused' UNION SELECT seq, answer FROM request"
        rows = self._db.execute(f"{both} WHERE state = 'refused' ORDER BY seq")
        return [(seq, self._seals.records.open(said, f"outcome {seq}")) for seq, said in rows]

    def waiting(self) -> int:
        """How many lines the service has not answered for."""
        return self._chain.waiting()

    def recall(self) -> None:
        """Reads what is remembered of holders, which the first tap would else wait for. Raises StoreDamaged."""
        self._recalled = self._recall()

    def memory(self, who: str, at: datetime, replay: str | None = None) -> Memory:
        """What the decision about a tap of that holder at `at`, showing that presentation, needs to know."""
        return self._remembered.memory(who, at, replay)

    def reserve_of(self, who: str, counter: Counter | None, at: datetime) -> Reserve | None:
        """The units set aside that a use of this counter takes from."""
        return self._remembered.reserve_of(who, counter, at)

    def set_aside(self, seq: int, reserve: Reserve) -> None:
        """The service has set units aside at that request."""
        sealed = self._seals.store.close(reserve_to(reserve), f"reserve {reserve.id}")
        with writing(self._db):
            self._db.execute("INSERT INTO reserve VALUES (?, ?) ON CONFLICT DO NOTHING", (reserve.id, sealed))
            self._close(seq, "answered")
        self._remembered.reserves[reserve.id] = reserve

    def given_back(self, seq: int, reserve: str) -> None:
        """The service has taken back what was left of a reserve."""
        with writing(self._db):
            self._db.execute("DELETE FROM reserve WHERE id = ?", (reserve,))
            self._close(seq, "answered")
        self._remembered.reserves.pop(reserve, None)

    def reserves(self) -> list[tuple[Reserve, int, bool]]:
        """Units set aside here: each reserve, its units left, and whether the service knows all their uses."""
        known = self._remembered
        return [
            (reserve, known.left(reserve), known.unsent.isdisjoint(known.uses.get(reserve.who, ())))
            for reserve in known.reserves.values()
        ]

    def head(self) -> Head:
        """The newest line, or where there is none, the beginning. Raises StoreDamaged."""
        with faults():
            return self._chain.head()

    def latest(self) -> int:
        """The time of the newest request (Unix seconds); 0 where there is none."""
        return int(self._db.execute("SELECT coalesce(max(at), 0) FROM request").fetchone()[0])

    def verify(self) -> Head:
        """Looks at every line and text that is kept; the newest line.

        Raises:
            JournalDamaged: one was altered, taken out, put in or moved.
        """
        try:
            # the terminal may go on writing
            with reading(self._db):
                return self._chain.verify(self._text)
        except StoreDamaged as damaged:
            raise JournalDamaged(str(damaged)) from None

    def forget_texts(self) -> None:
        """Erases what a wipe erases: texts, uses, units set aside. Lines stay."""
        _forget(self._db)
        self._recalled = Remembered()

    def prune(self, at: datetime) -> None:
        """Drops what is settled and too old to matter at `at`; the rest of the chain still verifies."""
        self._remembered.forget(at)
        before, matters = int((at - LINES_KEPT).timestamp()), self._remembered.numbers()
        with writing(self._db):
            self._chain.prune(before)
            old = "SELECT seq FROM request WHERE state <> 'open' AND at < ? AND seq NOT IN (SELECT seq FROM record)"
            gone = [(seq,) for (seq,) in self._db.execute(old, (before,)) if seq not in matters]
            self._db.executemany("DELETE FROM request WHERE seq = ?", gone)

    def _close(self, seq: int, state: str, use: Use | None = None) -> None:
        noted = self._noted(seq, use)
        self._db.execute("UPDATE request SET state = ?, body = NULL, use = ? WHERE seq = ?", (state, noted, seq))

    def _noted(self, seq: int, use: Use | None) -> bytes | None:
        return None if use is None else self._seals.store.close(use_to(use), f"use {seq}")

    def _text(self, seq: int, body: bytes) -> bytes:
        return self._seals.store.open(body, f"body {seq}")

    def _remember(self, seq: int, use: Use | None, *, unsent: bool) -> None:
        # what is recalled later will hold it, as it is on disk
        if use is not None and self._recalled is not None:
            self._recalled.add(seq, use, unsent=unsent)

    @property
    def _remembered(self) -> Remembered:
        if self._recalled is None:
            self._recalled = self._recall()
        return self._recalled

    def _recall(self) -> Remembered:
        found = Remembered()
        asked = "SELECT seq, use, record.state = 'unsent' FROM request LEFT JOIN record USING (seq)"
        for seq, sealed, unsent in self._db.execute(f"{asked} WHERE use IS NOT NULL"):
            found.add(seq, use_from(self._seals.store.open(sealed, f"use {seq}")), unsent=bool(unsent))
        for name, sealed in self._db.execute("SELECT id, content FROM reserve"):
            found.reserves[name] = reserve_from(self._seals.store.open(sealed, f"reserve {name}"))
        return found


def _forget(database: Connection) -> None:
    with writing(database):
        database.execute("UPDATE request SET state = 'lost' WHERE state = 'open'")
        database.execute("UPDATE request SET body = NULL, use = NULL")
        database.execute("DELETE FROM reserve")
