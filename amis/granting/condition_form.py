"""The fields of the condition builder: what was typed into them, put into the draft that lies beside them in the form.

A field is named after the place of its part: `/all/0:years`. What cannot be read stays in the draft as it was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import parse_qsl

from amis.granting.builder import Tree, kind_of, places
from amis.web.formats import parse_day


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a posted form, several values of one name included."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, body: bytes) -> "Posted":
        """Reads `application/x-www-form-urlencoded`; a form grows with the condition, so its fields are not counted."""
        found: dict[str, tuple[str, ...]] = {}
        for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
            found[name] = (*found.get(name, ()), value.replace("\0", "").strip())
        return cls(found)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return next(iter(self.values.get(name, ())), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, e.g. of ticked boxes."""
        return self.values.get(name, ())

    def has(self, name: str) -> bool:
        """Whether the field was posted at all."""
        return name in self.values


def fill(tree: Tree, posted: Posted) -> Tree:
    """The draft with the values of its fields; parts whose fields were not posted stay as they are."""
    for place, node in places(tree):
        kind = kind_of(node)
        if kind in _READ and posted.has(f"{place}:{_MAIN.get(kind, kind)}"):
            _READ[kind](node, lambda name, place=place: posted.all(f"{place}:{name}"))  # type: ignore[misc]
    return tree


def shown_day(bound: object, *, last: bool = False) -> object:
    """A bound of a draft's period: the day, for a `last` one the day before it, or what was typed instead."""
    if not isinstance(bound, str):
        return None
    try:
        day = date.fromisoformat(bound)
        return day - timedelta(days=1) if last else day
    except (ValueError, OverflowError):
        return bound


def typed_day(text: str, *, last: bool = False) -> str | None:
    """The day typed, as ISO 8601; of a `last` day the one after it. What is no day stays as typed, None is nothing."""
    try:
        day = parse_day(text)
        return (day + timedelta(days=1) if last else day).isoformat()
    except (ValueError, OverflowError):
        return text or None


Field = Callable[[str], tuple[str, ...]]
_MAIN = {"has": "fact", "num": "fact", "member": "group", "related": "relation", "count": "relation", "age": "op"}
_MAIN |= {"during": "when", "held": "months", "grace": "months", "extend_to": "boundary"}


def _first(field: Field, name: str) -> str:
    return next(iter(field(name)), "")


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _amount(text: str) -> str:
    return text.replace(" ", "").replace(",", ".")


def _figure(field: Field, number: Callable[[str], int | str]) -> object:
    """A number, or the figure chosen in its place: `param:CODE`, `cohort:CODE`."""
    source, _, code = _first(field, "source").partition(":")
    return {source: code} if source in ("param", "cohort") else number(_first(field, "value"))


def _has(node: Tree, field: Field) -> None:
    fact, before = _first(field, "fact"), node["has"].get("fact")
    values = [text for text in field("in") if text] if fact == before else []
    node["has"] = {"fact": fact} | ({"in": values} if values else {})


def _num(node: Tree, field: Field) -> None:
    node["num"] = {"fact": _first(field, "fact"), "op": _first(field, "op"), "value": _figure(field, _amount)}


def _age(node: Tree, field: Field) -> None:
    node["age"] = {"op": _first(field, "op"), "years": _figure(field, _whole)}
    if _first(field, "feb29") == "02-28":
        node["age"]["feb29"] = "02-28"


def _relatives(node: Tree, field: Field) -> None:
    inner = node[kind_of(node)]
    inner["relation"] = _first(field, "relation")
    if kind_of(node) == "count":
        inner |= {"op": _first(field, "op"), "value": _whole(_first(field, "value"))}


def _during(node: Tree, field: Field) -> None:
    calendar = _first(field, "when")
    node["during"] = calendar or [typed_day(_first(field, "from")), typed_day(_first(field, "last"), last=True)]


def _moved(node: Tree, field: Field) -> None:
    node[kind_of(node)]["months"] = _whole(_first(field, "months"))


_READ: Mapping[str, Callable[[Tree, Field], None]] = {
    "has": _has,
    "num": _num,
    "age": _age,
    "member": lambda node, field: node.update(member={"group": _first(field, "group")}),
    "related": _relatives,
    "count": _relatives,
    "during": _during,
    "held": _moved,
    "grace": _moved,
    "extend_to": lambda node, field: node["extend_to"].update(boundary=_first(field, "boundary")),
}
