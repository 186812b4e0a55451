"""The parts of an explained condition, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from amis.granting.words import Named, Phrase, names, said
from rules.condition import All, Any, Condition, Count, Except, ExtendTo, Grace, Held, Member, Not, Related
from rules.explain import Explained as ExplainedNode
from rules.shift import Boundary

_HEADINGS = {
    All: Phrase("izpildās visi nosacījumi", "all of these hold"),
    Any: Phrase("izpildās vismaz viens nosacījums", "at least one of these holds"),
    Not: Phrase("neizpildās", "this does not hold"),
    Except: Phrase("pirmais izpildās un otrais neizpildās", "the first holds and the second does not"),
}


_BOUNDARIES = {
    Boundary.MONTH_END: Phrase("izpildās vai izpildījās tajā pašā mēnesī", "holds, or did earlier in the month"),
    Boundary.SCHOOL_YEAR_END: Phrase(
        "izpildās vai izpildījās tajā pašā mācību gadā", "holds, or did earlier in the school year"
    ),
    Boundary.YEAR_END: Phrase("izpildās vai izpildījās tajā pašā gadā", "holds, or did earlier in the year"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the condition in words; `holds` None = it cannot be told, a datum is missing.

    `relatives` says only whether each relative meets the part: what is known of them stands on pages of their own.
    """

    text: Phrase
    holds: bool | None
    parts: "tuple[Line, ...]"
    relatives: "tuple[Line, ...]" = ()


def line_of(node: ExplainedNode, groups: Sequence[Named]) -> Line:
    """A part of an explanation in words, with its parts below it."""
    heading = _heading(node.node)
    open_group = isinstance(node.node, Member) and bool(node.children)
    parts = tuple(line_of(part, groups) for part in node.children) if heading or open_group else ()
    return Line(heading or said(node.node, groups), node.holds, parts, tuple(_relatives(node, groups)))


def _heading(node: Condition) -> Phrase | None:
    """What is said of a part whose own parts follow one by one."""
    match node:
        case Held(months=months):
            return Phrase(f"bez pārtraukuma ilgst {months} mēn.", f"has held without a break for {months} mo.")
        case Grace(months=months):
            return Phrase(
                f"izpildās vai beidzās pirms mazāk nekā {months} mēn.", f"holds, or did less than {months} mo. ago"
            )
        case ExtendTo(boundary=boundary):
            return _BOUNDARIES[boundary]
    return _HEADINGS.get(type(node))


def _relatives(node: ExplainedNode, groups: Sequence[Named]) -> Iterator[Line]:
    """One line for each relative looked at, without what is known of them."""
    if isinstance(node.node, Related | Count):
        name = named(node.node.relation, groups)
        for number, one in enumerate(node.relatives, 1):
            yield Line(Phrase(f"{name.lv} {number}", f"{name.en} {number}"), one.tree.holds, ())


def named(code: str, groups: Sequence[Named]) -> Phrase:
    """What a word of the vocabulary is called."""
    return Phrase(names("lv", groups).get(code, code), names("en", groups).get(code, code))
