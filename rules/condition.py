"""The condition tree of a grant rule: its grammar, canonical JSON and its hash.

    condition = {"all": [c, ...]} | {"any": [c, ...]} | {"not": c}
              | {"has": {"fact": f, "in"?: [v, ...]}}
              | {"num": {"fact": f, "op": op, "value": "343.00" | {"param": p}}}
              | {"age": {"op": "ge" | "lt", "years": n | {"param": p} | {"cohort": t}, "feb29"?: "02-28" | "03-01"}}
              | {"member": {"group": g}}
              | {"related": {"relation": r, "where"?: c}}
              | {"count": {"relation": r, "where"?: c, "op": op, "value": n}}
              | {"during": [from, to] | "calendar"}          half-open, null = without limit
              | {"held" | "grace": {"of": c, "months": n}}
              | {"extend_to": {"of": c, "boundary": b}}
              | {"except": {"of": c, "unless": c}}
    op        = "lt" | "le" | "eq" | "ge" | "gt"

A further node is a dataclass in `rules.node`, one reader in `rules.reading`, one line in `to_json`, its day set in
`rules.evaluate` and `rules.compile`, its phrase in `rules.sentence` and its shape in `rules.schema`.
"""

import hashlib
import json
from datetime import date
from decimal import Decimal

from rules.node import (
    Age,
    All,
    Any,
    Cohort,
    Condition,
    Count,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Param,
    Related,
    children,
    walk,
)
from rules.reading import MAX_NODES, parse
from rules.reads import Reads, reads
from rules.shape import Json


def to_json(node: Condition) -> Json:
    """The condition as plain JSON values; `parse` reads it back to an equal condition."""
    match node:
        case All(parts):
            return {"all": [to_json(part) for part in parts]}
        case Any(parts):
            return {"any": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Has(fact, values):
            return {"has": {"fact": fact} if values is None else {"fact": fact, "in": sorted(values)}}
        case Num(fact, op, value):
            return {"num": {"fact": fact, "op": op, "value": _figure(value)}}
        case Age(op, years, feb29):
            return {"age": {"feb29": feb29, "op": op, "years": _figure(years)}}
        case Member(group):
            return {"member": {"group": group}}
        case Related(relation, where):
            return {"related": {"relation": relation} | _where(where)}
        case Count(relation, op, number, where):
            return {"count": {"op": op, "relation": relation, "value": number} | _where(where)}
        case During(when):
            return {"during": when if isinstance(when, str) else [_iso(when.start), _iso(when.end)]}
        case Held(part, months):
            return {"held": {"months": months, "of": to_json(part)}}
        case Grace(part, months):
            return {"grace": {"months": months, "of": to_json(part)}}
        case ExtendTo(part, boundary):
            return {"extend_to": {"boundary": boundary.value, "of": to_json(part)}}
        case Except(part, unless):
            return {"except": {"of": to_json(part), "unless": to_json(unless)}}


def canonical(condition: Condition) -> str:
    """The one JSON text of the condition (RFC 8785: sorted keys, no spaces; there are no fractions in it)."""
    return json.dumps(to_json(condition), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(condition: Condition) -> str:
    """SHA-256 of the canonical JSON, in hex: the name of a rule's content."""
    return hashlib.sha256(canonical(condition).encode()).hexdigest()


def _figure(value: Decimal | int | Param | Cohort) -> object:
    match value:
        case Param(code):
            return {"param": code}
        case Cohort(code):
            return {"cohort": code}
        case Decimal():
            whole, _, part = f"{value:f}".partition(".")
            return whole + (f".{part}" if (part := part.rstrip("0")) else "")
    return value


def _where(where: Condition | None) -> Json:
    return {} if where is None else {"where": to_json(where)}


def _iso(bound: date | None) -> str | None:
    return None if bound is None else bound.isoformat()


__all__ = [
    "MAX_NODES",
    "Age",
    "All",
    "Any",
    "Cohort",
    "Condition",
    "Count",
    "During",
    "Except",
    "ExtendTo",
    "Grace",
    "Has",
    "Held",
    "Member",
    "Not",
    "Num",
    "Param",
    "Reads",
    "Related",
    "canonical",
    "children",
    "digest",
    "parse",
    "reads",
    "to_json",
    "walk",
]
