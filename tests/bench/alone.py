"""What a terminal does without a network: a decision, a look into the snapshot; and how large what it holds is."""

import random
from collections.abc import Callable
from decimal import Decimal

from cards.statuslist import INVALID, SIZE, SUSPENDED, StatusList
from rules.claim import Memory
from terminals.bundle.snapshot import Profile, Snapshot
from terminals.message import CardShown, Tap
from terminals.shown import read
from terminals.validate import decide_offline
from tests.bench.credentials import raw_verify_us
from tests.bench.numbers import cost_us, median
from tests.bench.report import Goal, Section
from tests.bench.scale import Scale
from tests.cards.conftest import AT
from tests.terminals.bundle.publisher import held
from tests.terminals.tokens import card, letter, phone

TOKENS, DEAD = 1_000_000, 0.013
NOTES = (
    "decision: from the text or the chip's content to the decision, signature included, nothing written down.",
    "lists: one million tokens, 1.3 % of them not valid at random, as signed lists have them; snapshot: as many cards.",
)


def alone(scale: Scale) -> Section:
    """Medians of interleaved rounds in this process."""
    holding, nothing = held(), Memory()

    def decided(shown: str | CardShown) -> Callable[[], object]:
        tap = Tap(shown, AT, Decimal("0.85"))
        return lambda: decide_offline(tap, read(shown, holding, AT), holding, nothing, AT)

    snapshot, uids = _snapshot()
    works = {
        "decision: letter": decided(letter(301)),
        "decision: phone": decided(phone(301)),
        "decision: card": decided(card(301)),
        "look-up of a card in a million": lambda: snapshot.profile(uids[0]),
    }
    costs: dict[str, list[float]] = {"raw ES256 verify": []}
    for _ in range(scale.rounds):
        costs["raw ES256 verify"].append(raw_verify_us())
        for name, work in works.items():
            costs.setdefault(name, []).append(cost_us(work, 2_000))
    us = {name: median(found) for name, found in costs.items()}
    goals = (
        Goal("longest decision, us", max(us[name] for name in works if name.startswith("decision")), 1_000),
        Goal("look-up, us", us["look-up of a card in a million"], 10),
        Goal("snapshot, bytes a card", len(snapshot.encode()) / TOKENS, 11),
        Goal("lists of a million tokens, KB", _lists() / 1_000, 25),
    )
    rows = [(name, one, 1e6 / one) for name, one in us.items()]
    return Section("A terminal alone, one core", ("work", "CPU us", "a second"), rows, goals, NOTES)


def _snapshot() -> tuple[Snapshot, list[bytes]]:
    rng = random.Random(5)
    uids = [b"\x04" + number.to_bytes(6) for number in rng.sample(range(1 << 48), TOKENS)]
    return Snapshot.build(bytes(16), dict.fromkeys(uids, 1), {1: Profile("JLG", ())}), uids


def _lists() -> int:
    """Bytes of the full status lists of so many tokens."""
    rng, lists = random.Random(5), [StatusList() for _ in range(-(-TOKENS // SIZE))]
    for place in rng.sample(range(TOKENS), int(TOKENS * DEAD)):
        lists[place // SIZE].set(place % SIZE, rng.choice((INVALID, SUSPENDED)))
    return sum(len(one.compressed()) for one in lists)
