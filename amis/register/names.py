"""Names as they are searched and shown: folded words, their prefixes, and the masked form.

"Ķīsele-Bērziņa" is found by "kis", "Kīsele", "berzina" and anything between three and eight letters of a word.
"""

import unicodedata
from itertools import filterfalse

SHORTEST = 3
LONGEST = 8
"""Letters of a word that a prefix has; a shorter word is found only whole."""
_UNDECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


def words(name: str) -> list[str]:
    """The words of a name, case and diacritics folded; anything but a letter parts words.

    >>> words("Ķīsele-Bērziņa Šķilters")
    ['kisele', 'berzina', 'skilters']
    """
    # marks go before case folding and again after it, which can produce new ones (U+0130)
    folded = _unmarked(_unmarked(name).casefold()).translate(_UNDECOMPOSED)
    if folded.isalpha():
        return [folded]
    return "".join(char if char.isalpha() else " " for char in folded).split()


def _unmarked(text: str) -> str:
    return "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))


def prefixes(name: str) -> frozenset[str]:
    """Everything under which a name is indexed.

    >>> sorted(prefixes("Li Oga"))
    ['li', 'oga']
    """
    return frozenset(word[:length] for word in words(name) for length in range(min(SHORTEST, len(word)), LONGEST + 1))


def needles(query: str) -> list[str]:
    """The prefixes to look for, one for each word of a search: all have to be found."""
    return [word[:LONGEST] for word in words(query)]


def fits(name: str, query: str) -> bool:
    """Whether each word of the search begins a word of the name (the index knows only eight letters)."""
    return all(any(word.startswith(part) for word in words(name)) for part in words(query))


def mask(name: str) -> str:
    """A name as a list of results shows it: enough to choose, too little to collect.

    >>> mask("Anna Bērziņa")
    'An··· Bē···'
    """
    return " ".join(f"{word[:2]}···" for word in name.split())
