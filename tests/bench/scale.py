"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Persons with a right and a token, how many of them show a QR text, rounds of so many seconds, pushed statuses."""

    holders: int
    texts: int
    rounds: int
    seconds: int
    pushes: int


FULL = Scale(holders=20_000, texts=5_000, rounds=3, seconds=4, pushes=200)
QUICK = Scale(holders=2_000, texts=500, rounds=1, seconds=2, pushes=20)
