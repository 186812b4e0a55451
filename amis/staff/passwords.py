"""Passwords: which are refused (OWASP ASVS 5.0 section 6.2) and how they are hashed (Argon2id, RFC 9106)."""

import asyncio
import secrets
import string
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from amis.staff.errors import WeakPassword

SHORTEST = 15
SHORTEST_WITH_CODE = 12
LONGEST = 128
_FEWEST_DIFFERENT = 5
_LEET = str.maketrans("013457@$!|", "oieastasil")
_NO_LETTERS = string.digits + string.punctuation + string.whitespace
_KEYBOARD = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb")

_argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Two threads at most, so that a flood of guesses cannot take all processors and memory.
_hashers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


def refuse_weak(password: str, about: str = "", *, with_code: bool) -> None:
    """Refuses a password that is short, over-long, of few characters, or made of common words only.

    `about` is text that belongs to the account (name, e-mail); `with_code` says whether a second factor is asked for.

    Raises:
        WeakPassword: with the rule that it breaks.
    """
    shortest = SHORTEST_WITH_CODE if with_code else SHORTEST
    if not shortest <= len(password) <= LONGEST:
        raise WeakPassword(f"Use {shortest} to {LONGEST} characters")
    if len(set(password)) < _FEWEST_DIFFERENT:
        raise WeakPassword("Use more different characters")
    if _only_known(password, blocked_words() | _words(about)):
        raise WeakPassword("This is made of common words, names or rows of keys")


@cache
def blocked_words() -> frozenset[str]:
    """Words that make no password, alone or strung together."""
    lines = (files("amis.staff") / "blocked_words.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _words(text: str) -> frozenset[str]:
    parts = "".join(char if char.isalnum() else " " for char in _folded(text)).split()
    return frozenset(part for part in parts if len(part) > 2)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _only_known(password: str, words: frozenset[str]) -> bool:
    folded = _folded(password)
    digitless = "".join(char for char in folded if char.isalpha())
    leet = "".join(char for char in folded.strip(_NO_LETTERS).translate(_LEET) if char.isalpha())
    return _strung(digitless, words) or _strung(leet, words) or _strung(folded, words | _rows())


def _strung(text: str, words: frozenset[str]) -> bool:
    """Whether `text` is nothing but `words` one after another; without letters at all it is not."""
    ends = {0}
    longest = max(map(len, words))
    for end in range(1, len(text) + 1):
        if any(start in ends and text[start:end] in words for start in range(max(0, end - longest), end)):
            ends.add(end)
    return bool(text) and len(text) in ends


@cache
def _rows() -> frozenset[str]:
    """Pieces of three or more keys in a row, both ways: a string of them is no password."""
    both_ways = [row for forward in _KEYBOARD for row in (forward, forward[::-1])]
    return frozenset(row[i : i + size] for row in both_ways for size in (3, 4, 5) for i in range(len(row) - size + 1))


async def hashed(password: str) -> str:
    """The Argon2id hash (19 MiB, 2 passes, 1 lane) as a PHC string."""
    return await asyncio.get_running_loop().run_in_executor(_hashers, _argon2.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether `password` has the hash `stored`; None takes as long and is never right."""
    return await asyncio.get_running_loop().run_in_executor(_hashers, _matches, password, stored)


def _matches(password: str, stored: str | None) -> bool:
    try:
        _argon2.verify(stored or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys_hash() -> str:
    return _argon2.hash(secrets.token_urlsafe(32))
