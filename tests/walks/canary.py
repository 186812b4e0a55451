"""People who exist nowhere else, and looking for them in every disguise a leak could wear."""

import base64
import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import md5, sha1, sha256, sha512
from urllib.parse import quote

from amis.register.names import words
from sync.personal_code import draw_newer, draw_with_birth_date, hyphenated

_SYLLABLES = "ķēž šūr ņīb ļāg čam ģid žul bēš vīķ zoņ rāč tūl mēģ ņaž šīk dūļ".split()


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
        disguises = {form for canary in people for secret in canary.secrets for form in _disguises(secret)}
        self._any = re.compile("|".join(map(re.escape, sorted(disguises))))

    def found(self, hay: str | bytes) -> list[str]:
        """Every disguise that is there, with what stands around it."""
        text = (hay if isinstance(hay, str) else hay.decode(errors="replace")).casefold()
        return [text[max(0, hit.start() - 60) : hit.end() + 60] for hit in self._any.finditer(text)]


def _disguises(secret: str) -> set[str]:
    """Case folded, as Watch folds what it searches: plain, without marks, as bytes or digests of it are written."""
    plain = {secret, secret.casefold(), secret.upper(), " ".join(words(secret)) or secret}
    forms = set(plain)
    for text in plain:
        raw = text.encode()
        forms |= {raw.hex(), quote(text), json.dumps(text).strip('"'), base64.b64encode(raw).decode().rstrip("=")}
        forms |= {digest(raw).hexdigest() for digest in (md5, sha1, sha256, sha512)}  # noqa: S324 - what others use
        forms.add(base64.b64encode(sha256(raw).digest()).decode().rstrip("="))
    return {form.casefold() for form in forms}
