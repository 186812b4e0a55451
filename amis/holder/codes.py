"""One-time access codes: ten characters, read aloud or typed off paper without mistakes, kept as a keyed digest."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from amis.kernel.keys import INDEX, keystore
from cards.number import ALPHABET

LENGTH = 10
WRONG_A_MINUTE = 600
"""Wrong codes that one process looks at in a minute: few enough that 2^50 codes last longer than anybody guesses, many
enough that it takes more than a bored child to keep others from enrolling."""
_LOOKALIKES = str.maketrans("ILO", "110")


def new_code() -> str:
    """A fresh code of 50 random bits, as it is shown: K7QF2-M9DXW. No I, L, O, U."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:5]}-{code[5:]}"


def plain(code: str) -> str:
    """A code however it was typed: small letters, blanks, hyphens, O for 0."""
    return "".join(one for one in code.upper() if one.isalnum()).translate(_LOOKALIKES)


def digest(code: str) -> bytes:
    """The keyed digest (HMAC-SHA-256) under which a code is kept: without the key the few bits are not to be tried."""
    return keystore().mac(INDEX, b"holder-code|" + plain(code).encode())


@dataclass(slots=True)
class Wrong:
    """Wrong codes in the present minute of this process.

    They are counted for all callers together: whoever guesses has as many addresses and keys as they like.
    """

    minute: int = 0
    count: int = 0

    def over(self, at: datetime) -> bool:
        """Whether no further code is looked at in this minute."""
        return self._in(at) >= WRONG_A_MINUTE

    def add(self, at: datetime) -> None:
        """Counts one more."""
        self.count = self._in(at) + 1

    def _in(self, at: datetime) -> int:
        minute = int(at.timestamp()) // 60
        if minute != self.minute:
            self.minute, self.count = minute, 0
        return self.count
