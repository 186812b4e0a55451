"""The text of a message: one template a kind and language, set into a frame. Pure; no name and no personal code.

A template has three blocks: `subject` (where the message tells one thing), `body` (a paragraph) and `short` (a sentence
for a text message).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from amis.notifying import spoken_day
from amis.notifying.kinds import Kind
from amis.web.formats import day as written_day

FOLDER = Path(__file__).with_name("texts")
LONGEST_SUBJECT = 120
LONGEST_SHORT = 480
"""Characters of a text message: three parts of 160 where the alphabet of GSM 03.38 does, else more."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to tell. `name` is the concession in the language of the message, `why` a code of `texts/why`.

    `reference` is the end of a token's number, `place` where a card waits; empty where they do not belong to the kind.
    """

    kind: Kind
    name: str = ""
    first: date | None = None
    last: date | None = None
    why: str = ""
    reference: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the municipality's name, whom to ask, and the holder's own page."""

    name: str
    questions: str
    link: str


@dataclass(frozen=True, slots=True)
class Content:
    """A written message; `short` says it in one text message."""

    subject: str
    text: str
    html: str
    short: str

    def to_json(self) -> str:
        """As it is kept under the person's key."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """What `to_json` wrote."""
        return cls(**json.loads(text))


def compose(items: Sequence[Item], sender: Sender, language: str) -> Content:
    """A message in `lv` or `en` that tells these things, at least one, in this order."""
    parts = [_parts(item, language) for item in items]
    frame = _template(language, "frame.txt")
    shared: dict[str, Any] = {"sender": sender, "paragraphs": [part["body"] for part in parts]}
    subject = parts[0]["subject"] if len(parts) == 1 else _block(frame, "subject", shared)
    shared["subject"] = one_line(subject, LONGEST_SUBJECT)
    short = " ".join([*(part["short"] for part in parts), _block(frame, "signature", shared)])
    return Content(
        shared["subject"],
        _block(frame, "body", shared) + "\n",
        _markup(language).render(shared | {"language": language}),
        one_line(short, LONGEST_SHORT),
    )


def one_line(text: str, longest: int) -> str:
    """The text without line breaks and control characters, cut to so many characters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def _parts(item: Item, language: str) -> dict[str, str]:
    told = asdict(item) | {"why": _why(item.why, language)}
    template = _template(language, f"{item.kind.value}.txt")
    return {name: _block(template, name, told) for name in ("subject", "body", "short")}


def _why(code: str, language: str) -> str:
    """The sentence for a cause; empty for none."""
    return _block(_template(language, "why.txt"), code, {}) if code else ""


def _block(template: Template, name: str, values: dict[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(values))).strip()


@cache
def _template(language: str, name: str) -> Template:
    return _texts(language).get_template(name)


@cache
def _markup(language: str) -> Template:
    escaping = Environment(
        loader=FileSystemLoader(FOLDER / language),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return escaping.get_template("frame.html")


@cache
def _texts(language: str) -> Environment:
    plain = Environment(  # noqa: S701 - plain text: what goes into markup is escaped by the frame that takes it
        loader=FileSystemLoader(FOLDER / language), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for name, say in {"day": _said, "since": spoken_day.since, "until": spoken_day.until}.items():
        plain.filters[name] = partial(_in, language, say)
    return plain


def _said(value: date, language: str) -> str:
    return written_day(value, language, "long")


def _in(language: str, say: Callable[[date, str], str], value: date) -> str:
    """Calls a way to say a day as a filter: the day comes first and the language second."""
    return say(value, language)


def causes(language: str = "lv") -> frozenset[str]:
    """The codes of causes for which there is a sentence."""
    return frozenset(_template(language, "why.txt").blocks)
