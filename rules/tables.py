"""The names of the relations that a compiled condition reads."""

import re
from dataclasses import dataclass

from rules.errors import UnknownWord

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tables:
    """What the caller's four relations are called, with their schema or without. Raises UnknownWord."""

    person: str = "person"
    fact: str = "fact"
    membership: str = "membership"
    relation: str = "relation"

    def __post_init__(self) -> None:
        for key in self.__slots__:
            if not _NAME.fullmatch(getattr(self, key)):
                raise UnknownWord(f"/{key}", "a lower-case name, or schema.name, is expected")
