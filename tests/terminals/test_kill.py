"""A terminal is killed while it taps as fast as it can: what it has shown is kept, and no number comes twice."""

import json
import os
import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from terminals.alone import decide_alone, look_at
from terminals.journal import journal_in
from terminals.message import Tap
from tests.terminals.bundle.publisher import AT, held
from tests.terminals.test_alone import CLOCK, FARE
from tests.terminals.tokens import letter
from tests.walks.counts import count

KILLS = count(test=10, check=1_000, deep=10_000)
A_JOURNAL = 50
"""So many deaths one journal sees."""
HOLDING = held()
SHOWN = letter(301)


def tap_for_ever(home: Path, shown: int) -> None:
    """What the process does that will be killed: each number goes down the pipe when its line is durable."""
    journal = journal_in(home)
    while True:
        tap = Tap(SHOWN, AT, FARE)
        seq, body = journal.begin(tap.body, AT)
        os.write(shown, b"b%d\n" % seq)
        decided, use = decide_alone(look_at(seq, body, tap, HOLDING, CLOCK), HOLDING, journal)
        journal.decided(decided, use)
        os.write(shown, b"d%d\n" % seq)


@dataclass
class Witness:
    """What was seen of all processes: numbers begun, numbers whose answer was shown."""

    begun: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)

    def hear(self, said: bytes) -> None:
        """What a process had said when it died; the pipe takes so few bytes whole or not at all."""
        for line in said.split():
            (self.begun if line[:1] == b"b" else self.shown).append(int(line[1:]))


def test_killed_at_any_moment_it_loses_nothing_and_repeats_no_number(tmp_path: Path) -> None:
    rng, cut = random.Random(11), 0
    for number in range(-(-KILLS // A_JOURNAL)):
        home, witness = tmp_path / str(number), Witness()
        for _ in range(min(KILLS, A_JOURNAL)):
            _live_and_die(home, witness, rng.uniform(0.0, 0.06))
        cut += _reconciled(home, witness)
    # the dangerous moments came up: begun and not written down, or written down and not shown
    assert cut > KILLS // 10


def _reconciled(home: Path, witness: Witness) -> int:
    """Compares what was seen with what was kept; how many processes died in the middle of a tap."""
    journal = journal_in(home)
    journal.verify()
    written = [json.loads(line)["seq"] for _, line in journal.unsent(1 << 40)]
    open_ = [seq for seq, _ in journal.pending()]
    assert len(witness.begun) == len(set(witness.begun))
    assert len(written) == len(set(written))
    assert set(witness.shown) <= set(written)
    assert set(witness.begun) <= set(written) | set(open_)
    assert journal.begin(Tap(SHOWN, AT, FARE).body, AT)[0] > max(witness.begun)
    journal.close()
    return len(open_) + len(set(written) - set(witness.shown))


def _live_and_die(home: Path, witness: Witness, seconds: float) -> None:
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            tap_for_ever(home, said)
        finally:
            os._exit(1)
    os.close(said)
    first = os.read(heard, 1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(heard, "rb") as last_words:
        witness.hear(first + last_words.read())
    assert os.WIFSIGNALED(status)
