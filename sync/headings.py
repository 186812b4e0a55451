"""Which column of an office's list is what, by its headings in Latvian or English."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

HIGHEST = 20
"""Rows in which the headings are looked for: titles and notes stand above them."""
_MERGED = 3
"""Rows that headings take at most, where cells are merged."""
KNOWN: Mapping[str, frozenset[str]] = {
    name: frozenset(texts.split(", "))
    for name, texts in {
        "code": "personas kods, pers kods, kods, pk, personal code, person code, code",
        "given_name": "vards, vardi, given name, first name, forename",
        "family_name": "uzvards, uzvardi, family name, last name, surname",
        "birth_date": "dzimsanas datums, dzimis, dzim datums, birth date, date of birth, born",
        "status": "statuss, status, statusa kods, kategorija, category",
        "valid_from": "no, no datuma, speka no, derigs no, sakuma datums, sakums, statuss no, from, valid from, start",
        "valid_to": "valid to, lidz, speka lidz, derigs lidz, beigu datums, beigas, statuss lidz, to, until",
        "decision_number": "lemuma numurs, lemuma nr, lemums, decision number, decision no, decision",
        "decision_date": "lemuma datums, decision date",
        "decision_authority": "lemuma pienemejs, lemejs, iestade, decision authority, authority",
        "household": "majsaimnieciba, majsaimniecibas numurs, majsaimniecibas nr, household",
        "record_id": "ieraksta numurs, ieraksta nr, ieraksts, ieraksta id, record, record id",
        "version": "versija, version",
        "op": "darbiba, operacija, op, operation, action",
    }.items()
}
"""What a row states, and the headings under which it is found; folded as `folded` does."""


@lru_cache(4096)
def folded(text: str) -> str:
    """A heading as it is compared: without case, marks on letters and punctuation.

    >>> folded("  Spēkā līdz:")
    'speka lidz'
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain.casefold()).split())


def heading_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The place (from 0) of the lowest row of headings: where most are known, personal codes among them."""
    found: dict[int, int] = {}
    for place in range(min(HIGHEST, len(rows))):
        known = guessed(names(rows, place))
        if rows[place] and "code" in known:
            found[place] = len(known)
    return max(found, key=lambda place: (found[place], -place), default=None)


def names(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """The name of each column whose headings end in this row, each name once.

    Where the cell is empty the one above names the column, as cells merged downwards do; `C` is a column without any.
    """
    width = max(map(len, rows[place : place + HIGHEST]), default=0)
    seen: Counter[str] = Counter()
    return [_once(_name(rows, place, column), seen) for column in range(width)]


def guessed(columns: Sequence[str]) -> dict[str, str]:
    """What of a row is found in which column, as far as the headings tell."""
    by_text = {folded(column): column for column in reversed(columns)}
    return {what: by_text[text] for what, texts in KNOWN.items() for text in sorted(texts & by_text.keys())[:1]}


def _name(rows: Sequence[Sequence[str]], place: int, column: int) -> str:
    for row in reversed(rows[max(0, place - _MERGED + 1) : place + 1]):
        if column < len(row) and row[column]:
            return " ".join(row[column].split())[:100]
        if not row:
            break
    return letters(column)


def letters(column: int) -> str:
    """What a spreadsheet calls a column counted from 0.

    >>> letters(2), letters(27)
    ('C', 'AB')
    """
    above, last = divmod(column, 26)
    return (letters(above - 1) if above else "") + chr(ord("A") + last)


def _once(name: str, seen: Counter[str]) -> str:
    seen[name] += 1
    return name if seen[name] == 1 else f"{name} ({seen[name]})"
