"""From a source's status codes to our fact kinds, by a table that each municipality keeps for each source.

Only what the table names is kept: a status it does not know is refused, a field it does not list is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace
from typing import Any

from sync.errors import MappingInvalid
from sync.events import EVENT_TYPES
from sync.notice import Notice, PersonRef, StatusFact
from sync.verdict import RowCode, RowError

PERSON_FIELDS = frozenset({"given_name", "family_name", "birth_date"})
FACT_FIELDS = frozenset({"decision", "household"})
_ALL_FIELDS = PERSON_FIELDS | FACT_FIELDS


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status says in our words: a fact kind of the rules' vocabulary and one of its values."""

    fact: str
    value: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """One source's table: status -> meaning, the optional fields that are kept, the types of events it may send.

    Deaths, moves and who is who concern everybody: a source that has no say in them is given its `types`.
    """

    source: str
    statuses: ReadOnly[str, Meaning]
    keep: frozenset[str] = PERSON_FIELDS | FACT_FIELDS
    types: frozenset[str] = frozenset(EVENT_TYPES)


@dataclass(frozen=True, slots=True)
class Authority:
    """Which sources may state a fact kind, most trusted first; a kind without an entry nobody may state."""

    ranks: ReadOnly[str, tuple[str, ...]]

    def rank(self, fact: str, source: str) -> int | None:
        """0 for the most trusted source, None for one that has no say."""
        sources = self.ranks.get(fact, ())
        return sources.index(source) if source in sources else None


@dataclass(frozen=True, slots=True)
class StatedFact:
    """A status in our words; `stated` is the notice's data without the fields that are not kept."""

    fact: str
    value: str
    rank: int
    stated: StatusFact


def translate(mapping: Mapping, authority: Authority, notice: Notice) -> StatedFact | RowError:
    """Translate a notice whose data is a `StatusFact`; the error is status.unknown or source.not_authoritative."""
    if not isinstance(notice.data, StatusFact):
        return RowError(RowCode.SCHEMA_UNSUPPORTED, "/type", notice.event_id)
    if notice.source != mapping.source:
        return RowError(RowCode.SOURCE_NOT_AUTHORITATIVE, "/source", notice.event_id)
    if notice.type not in mapping.types:
        return RowError(RowCode.SOURCE_NOT_AUTHORITATIVE, "/type", notice.event_id)
    meaning = mapping.statuses.get(notice.data.status)
    if meaning is None:
        return RowError(RowCode.STATUS_UNKNOWN, "/data/status", notice.event_id)
    rank = authority.rank(meaning.fact, notice.source)
    if rank is None:
        return RowError(RowCode.SOURCE_NOT_AUTHORITATIVE, "/data/status", notice.event_id)
    return StatedFact(meaning.fact, meaning.value, rank, minimised(notice.data, mapping.keep))


def minimised(data: StatusFact, keep: frozenset[str]) -> StatusFact:
    """The same fact without the optional fields that are not in `keep`."""
    if keep >= _ALL_FIELDS:
        return data
    return replace(
        data,
        person=minimised_person(data.person, keep),
        decision=data.decision if "decision" in keep else None,
        household=data.household if "household" in keep else None,
    )


def minimised_person(person: PersonRef, keep: frozenset[str]) -> PersonRef:
    return PersonRef(
        person.code,
        given_name=person.given_name if "given_name" in keep else None,
        family_name=person.family_name if "family_name" in keep else None,
        birth_date=person.birth_date if "birth_date" in keep else None,
    )


def mapping_from_json(table: Any) -> Mapping:
    """Read `{"source", "statuses": {code: {"fact", "value"}}, "keep"?: [field], "types"?: [event type]}`.

    Raises:
        MappingInvalid
    """
    if not isinstance(table, dict) or table.keys() - {"keep", "types"} != {"source", "statuses"}:
        raise MappingInvalid("a mapping has source, statuses and perhaps keep and types")
    keep = _listed(table, "keep", _ALL_FIELDS)
    types = _listed(table, "types", frozenset(EVENT_TYPES))
    if not isinstance(table["source"], str) or not isinstance(table["statuses"], dict):
        raise MappingInvalid("source is a text, statuses an object")
    statuses = {status: _meaning(status, meaning) for status, meaning in table["statuses"].items()}
    return Mapping(table["source"], statuses, keep, types)


def mapping_to_json(mapping: Mapping) -> dict[str, Any]:
    """The inverse of `mapping_from_json`, keys in a stable order."""
    statuses = {
        status: {"fact": meaning.fact, "value": meaning.value} for status, meaning in sorted(mapping.statuses.items())
    }
    types = {} if mapping.types == EVENT_TYPES.keys() else {"types": sorted(mapping.types)}
    return {"source": mapping.source, "statuses": statuses, "keep": sorted(mapping.keep), **types}


def _listed(table: dict[str, Any], name: str, known: frozenset[str]) -> frozenset[str]:
    """What the table lists, everything where it lists nothing."""
    listed = table.get(name, sorted(known))
    if not isinstance(listed, list) or not all(isinstance(one, str) and one in known for one in listed):
        raise MappingInvalid(f"{name} lists some of {', '.join(sorted(known))}")
    return frozenset(listed)


def _meaning(status: str, meaning: Any) -> Meaning:
    if not isinstance(meaning, dict) or meaning.keys() != {"fact", "value"}:
        raise MappingInvalid(f"status {status} needs a fact and a value")
    if not all(isinstance(text, str) and text for text in meaning.values()):
        raise MappingInvalid(f"the fact and the value of {status} are texts")
    return Meaning(meaning["fact"], meaning["value"])
