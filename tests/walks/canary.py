"""People who exist nowhere else, and looking for them in every disguise a leak could wear."""

import base64
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import md5, sha1, sha256, sha512
from urllib.parse import quote

from amis.register.names import words
from sync.personal_code import draw_newer, draw_with_birth_date, hyphenated

_SYLLABLES = ("ķēž", "šūr", "ņīb", "ļāg", "čam", "ģid", "žul", "bēš", "vīķ", "zoņ", "rāč", "tūl", "mēģ", "ņaž", "šīk")
_START = 8
"""Characters; every form of a secret is longer."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One made-up person; no two share a code or a name."""

    code: str
    new_code: str
    given: str
    family: str
    born: date

    @property
    def name(self) -> str:
        """As a clerk types it."""
        return f"{self.given} {self.family}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be found."""
        codes = (self.code, self.new_code)
        return (*codes, *map(hyphenated, codes), self.given, self.family)


def canaries(number: int, seed: int) -> list[Canary]:
    """So many people; every other one has a code of the older form."""
    rng = random.Random(seed)
    found = [_canary(rng, old=each % 2 == 0) for each in range(number)]
    everything = [secret for canary in found for secret in canary.secrets]
    assert len(set(everything)) == len(everything)
    return found


def _canary(rng: random.Random, *, old: bool) -> Canary:
    born = date(1970 + rng.randrange(25), rng.randint(1, 12), rng.randint(1, 28))
    code = draw_with_birth_date(rng, born) if old else draw_newer(rng)
    given, family = ("".join(rng.choices(_SYLLABLES, k=4)).capitalize() for _ in range(2))
    return Canary(code, draw_newer(rng), given, family, born)


class Watch:
    """Finds any secret of the canaries in a text or in bytes."""

    def __init__(self, people: Iterable[Canary]) -> None:
        self._forms = {form for canary in people for secret in canary.secrets for form in _disguises(secret)}
        self._starts = {form[:_START] for form in self._forms}

    def found(self, hay: str | bytes) -> list[str]:
        """Every disguise that is there, with what stands around it."""
        text = (hay if isinstance(hay, str) else hay.decode(errors="replace")).casefold()
        # One pass over the text for thousands of forms; only a text with the start of one is worth another look.
        if self._starts.isdisjoint(text[at : at + _START] for at in range(len(text))):
            return []
        places = ((text.find(form), len(form)) for form in self._forms)
        return [text[max(0, at - 60) : at + length + 60] for at, length in places if at >= 0]


def _disguises(secret: str) -> set[str]:
    """Case folded, as Watch folds what it searches: plain, without marks, as bytes or digests of it are written."""
    plain = {secret, secret.casefold(), secret.upper(), " ".join(words(secret)) or secret}
    forms = set(plain)
    for text in plain:
        raw = text.encode()
        forms |= {raw.hex(), quote(text), json.dumps(text).strip('"'), base64.b64encode(raw).decode().rstrip("=")}
        forms |= {digest(raw).hexdigest() for digest in (md5, sha1, sha256, sha512)}
        forms.add(base64.b64encode(sha256(raw).digest()).decode().rstrip("="))
    return {form.casefold() for form in forms}
