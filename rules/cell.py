"""One cell of a decision table: how the test of a leaf is written in its column.

    column              cell
    age, age:02-28      >=65   <18   >=param:majority   >=cohort:pension       (02-28: see `rules.node.Age`)
    fact:CODE           I; II   any (with any value)   yes (so is that value, where there is one)
    num:CODE            <=343,50   >param:threshold   5 (exactly; a spreadsheet would take =5 for a formula)
    group:CODE          yes
    calendar:CODE       yes
    relation:CODE       yes (there is one)   >=3   0
    relation:CODE/group:CODE                                                   the same of relatives in the group
    day                 2026-01-01..2026-12-31   2026-01-01..   ..2026-12-31   both days included

A test is turned round by `not`, several tests of one cell are joined by `&`; `-` or nothing does not matter. A value
that looks like something else stands in double quotes.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from rules.column import Unreadable
from rules.node import Age, Condition, Count, During, Has, Num
from rules.period import Period
from rules.vocabulary import Vocabulary

_SIGNS = {"lt": "<", "le": "<=", "eq": "", "ge": ">=", "gt": ">"}
_OPS = {sign: op for op, sign in _SIGNS.items()} | {"=": "eq"}
_COMPARED = re.compile(r"(<=|>=|<|>|=|)\s*(\S.*)", re.DOTALL)
_TURNED = re.compile(r"not\s+(\S.*)", re.DOTALL | re.IGNORECASE)
_YES, _NO = ("yes", "jā"), ("no", "nē")
_NO_MATTER = ("", "-", "–", "—")
_RESERVED = frozenset({"any", *_NO_MATTER})
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})?\s*\.\.\s*(\d{4}-\d{2}-\d{2})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+(?:[ \u00a0\u202f][0-9]{3})*(?:[.,][0-9]+)?", re.ASCII)
_DAY = timedelta(days=1)
Document = Mapping[str, object]


def written(leaf: Condition, figure: str, vocabulary: Vocabulary | None = None) -> str:
    """The test of a leaf as text; `figure` is what it compares with. With the vocabulary, `yes` where that is plain."""
    match leaf:
        case Has(fact, None):
            return "yes" if vocabulary and vocabulary.facts[fact].values is None else "any"
        case Has(_, values) if values is not None:
            return "; ".join(_quoted(value) for value in sorted(values))
        case Num(op=op) | Age(op=op) | Count(op=op):
            return _SIGNS[op] + figure
        case During(Period() as when):
            return f"{when.start or ''}..{when.last or ''}"
    return "yes"


def tests(name: str, text: str, vocabulary: Vocabulary) -> list[Document]:
    """The tests of a cell as JSON conditions; none where the column does not matter. Raises Unreadable."""
    if text.strip() in _NO_MATTER:
        return []
    return [_test(name, each, vocabulary) for each in _split(text, "&")]


def _test(name: str, text: str, vocabulary: Vocabulary) -> Document:
    turned = _TURNED.fullmatch(text)
    if turned:
        return {"not": _test(name, turned[1], vocabulary)}
    kind, _, code = name.partition(":")
    if kind == "fact":
        return _fact(code, text, vocabulary)
    if kind == "num":
        return {"num": {"fact": code, **_compared(text)}}
    if kind == "age":
        return {"age": _age(text, code)}
    if kind == "relation":
        return _relation(code, text)
    if kind == "day":
        return {"during": _span(text)}
    return _said(text, {"during": code} if kind == "calendar" else {"member": {"group": code}})


def _said(text: str, document: Document) -> Document:
    if text.casefold() in _YES:
        return document
    if text.casefold() in _NO:
        return {"not": document}
    raise Unreadable(f"{text!r}: yes, no or - is expected")


def _fact(code: str, text: str, vocabulary: Vocabulary) -> Document:
    present: Document = {"has": {"fact": code}}
    if text.casefold() == "any":
        return present
    values = vocabulary.facts[code].values or ()
    if text not in values and text.casefold() in (*_YES, *_NO):
        return _said(text, {"has": {"fact": code, "in": ["yes"]}} if "yes" in values else present)
    return {"has": {"fact": code, "in": [_unquoted(each) for each in _split(text, ";")]}}


def _age(text: str, feb29: str) -> Document:
    read = _compared(text)
    years = read["value"]
    if read["op"] == "eq":
        raise Unreadable(f"{text!r}: a comparison such as >=65 is expected")
    if isinstance(years, str):
        if not years.isdecimal():
            raise Unreadable(f"{text!r}: an age is in whole years")
        years = int(years)
    return {"op": read["op"], "years": years} | ({"feb29": feb29} if feb29 else {})


def _relation(code: str, text: str) -> Document:
    relation, _, group = code.partition("/group:")
    below: Document = {"relation": relation} | ({"where": {"member": {"group": group}}} if group else {})
    if text.casefold() in (*_YES, *_NO):
        return _said(text, {"related": below})
    read = _compared(text)
    if not isinstance(read["value"], str) or not read["value"].isdecimal():
        raise Unreadable(f"{text!r}: a number of persons is expected")
    return {"count": {**below, "op": read["op"], "value": int(read["value"])}}


def _compared(text: str) -> Document:
    """`{"op": ..., "value": ...}`, the value a number as text, a parameter or a cohort table."""
    match = _COMPARED.fullmatch(text)
    if match is None:
        raise Unreadable("a test is missing beside &")
    op, figure = _OPS[match[1]], match[2]
    table, _, code = figure.partition(":")
    if table in ("param", "cohort") and code:
        return {"op": op, "value": {table: code}}
    if not _NUMBER.fullmatch(figure):
        raise Unreadable(f"{figure!r}: a number, param:CODE or cohort:CODE is expected")
    return {"op": op, "value": re.sub(r"\s", "", figure).replace(",", ".")}


def _span(text: str) -> list[str | None]:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise Unreadable(f"{text!r}: days such as 2026-01-01..2026-12-31 are expected")
    try:
        end = date.fromisoformat(match[2]) if match[2] else None
    except ValueError:
        raise Unreadable(f"{match[2]}: no such day in the calendar") from None
    return [match[1], None if end in (None, date.max) else (end + _DAY).isoformat()]


def _split(text: str, mark: str) -> list[str]:
    """The pieces between marks that are outside double quotes."""
    pieces, quoted = [""], False
    for sign in text:
        quoted ^= sign == '"'
        if sign == mark and not quoted:
            pieces.append("")
        else:
            pieces[-1] += sign
    if quoted:
        raise Unreadable(f"{text!r}: a quotation mark is missing")
    return [piece.strip() for piece in pieces]


def _quoted(value: str) -> str:
    plain = value.casefold() not in _RESERVED and value == value.strip() and not _TURNED.fullmatch(value)
    return value if plain and not set(value) & set(';&"') else '"' + value.replace('"', '""') + '"'


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text
