"""The condition language as JSON Schema (draft 2020-12), for editors, forms and other programs.

A document that the schema accepts may still be refused by `rules.condition.parse`, which also knows which words fit
together and that a period ends after it begins. `python -m rules.schema` prints the schema of `schemas/condition.json`.
"""

import json
from collections.abc import Iterable, Mapping

from rules.reading import OPS
from rules.shape import DATE, MONEY, Json
from rules.shift import Boundary
from rules.vocabulary import Vocabulary

_CONDITION: Json = {"$ref": "#/$defs/condition"}
_WORD: Json = {"type": "string", "minLength": 1, "maxLength": 200}
_DAY: Json = {"type": ["string", "null"], "pattern": f"^{DATE}$"}


def schema(vocabulary: Vocabulary | None = None) -> Json:
    """The schema of conditions; with a vocabulary, of those that use its words."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Condition of a grant rule",
        **_CONDITION,
        "$defs": {"condition": _one_of_keys(_nodes(vocabulary))},
    }


def written() -> str:
    """The text of `schemas/condition.json`."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"


def _nodes(known: Vocabulary | None) -> Json:
    facts = _word(known.facts if known else None)
    relation = _word(known.relations if known else None)
    several: Json = {"type": "array", "items": _CONDITION, "minItems": 1}
    values: Json = {"type": "array", "items": _WORD, "minItems": 1}
    years = [_whole(0, 150), *_figures(known, "param", "cohort")]
    amount: Json = {"type": "string", "pattern": f"^{MONEY}$"}
    where = {"where": _CONDITION}
    return {
        "all": several,
        "any": several,
        "not": _CONDITION,
        "has": _record({"fact": facts}, {"in": values}),
        "num": _record({"fact": facts, "op": _enum(OPS), "value": {"anyOf": [amount, *_figures(known, "param")]}}),
        "age": _record({"op": _enum(("ge", "lt")), "years": {"anyOf": years}}, {"feb29": _enum(("02-28", "03-01"))}),
        "member": _record({"group": _word(known.groups | known.definitions.keys() if known else None)}),
        "related": _record({"relation": relation}, where),
        "count": _record({"relation": relation, "op": _enum(OPS), "value": _whole(0, 1000)}, where),
        "during": {"anyOf": [_word(known.calendars if known else None), _pair(_DAY)]},
        "held": _record({"of": _CONDITION, "months": _whole(1, 1200)}),
        "grace": _record({"of": _CONDITION, "months": _whole(1, 1200)}),
        "extend_to": _record({"of": _CONDITION, "boundary": _enum(each.value for each in Boundary)}),
        "except": _record({"of": _CONDITION, "unless": _CONDITION}),
    }


def _figures(known: Vocabulary | None, *keys: str) -> list[Json]:
    tables: Mapping[str, Iterable[str] | None] = {
        "param": known.parameters if known else None,
        "cohort": known.cohorts if known else None,
    }
    return [_record({key: _word(tables[key])}) for key in keys]


def _word(known: Iterable[str] | None) -> Json:
    return _WORD if known is None else _enum(known)


def _enum(words: Iterable[str]) -> Json:
    # `enum` may not be empty: where there are no words, nothing fits
    some = sorted(words)
    return {"enum": some} if some else {"not": {}}


def _whole(low: int, high: int) -> Json:
    return {"type": "integer", "minimum": low, "maximum": high}


def _pair(item: Json) -> Json:
    return {"type": "array", "items": item, "minItems": 2, "maxItems": 2}


def _record(required: Json, optional: Mapping[str, object] | None = None) -> Json:
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def _one_of_keys(properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }


if __name__ == "__main__":
    print(written(), end="")
