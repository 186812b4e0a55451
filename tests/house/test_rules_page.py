"""Every example of docs/rules.md is read, and reads as the page says."""

import json
import re
from decimal import Decimal

import pytest

from rules.condition import Condition, parse
from rules.dated import Dated
from rules.period import Days, Period
from rules.reading import MAX_NODES, MAX_RELATIONS, READERS
from rules.sentence import sentence
from rules.table import Table, from_table
from rules.vocabulary import FactKind, Vocabulary
from tests.house.generated import DOCS

PAGE = (DOCS / "rules.md").read_text(encoding="utf-8")
ALWAYS = Period(None, None)
WORDS = Vocabulary(
    {
        "disability": FactKind("disability", frozenset({"I", "II", "III"})),
        "income": FactKind("income", numeric=True),
    },
    frozenset({"repressed"}),
    {"school_year": Days.of(ALWAYS)},
    frozenset({"child", "guardian"}),
    {"needy_threshold": Dated(((ALWAYS, Decimal(377)),))},
    {"pension_age": Dated(((ALWAYS, Decimal("64.75")),))},
)
NAMES = {
    "lv": {
        "disability": "invaliditāte",
        **{f"disability:{group}": f"{group} grupa" for group in ("I", "II", "III")},
        "income": "ienākumi uz personu",
        "repressed": "politiski represētās personas",
        "child": "bērni",
        "guardian": "aizbildņi",
        "school_year": "mācību gads",
        "needy_threshold": "trūcīguma slieksnis",
        "pension_age": "pensijas vecums",
    },
    "en": {
        "disability": "disability",
        **{f"disability:{group}": f"group {group}" for group in ("I", "II", "III")},
        "income": "income per person",
        "repressed": "politically repressed persons",
        "child": "children",
        "guardian": "guardians",
        "school_year": "school year",
        "needy_threshold": "needy threshold",
        "pension_age": "pension age",
    },
}
_SAID = r"\n\n> lv: (.+)\n> en: (.+)\n"
EXAMPLES = re.findall(r"```json\n(.+)\n```" + _SAID, PAGE)
TABLES = re.findall(r"((?:\|.+\n)+)" + _SAID[2:], PAGE)


def said(condition: Condition) -> tuple[str, str]:
    return sentence(condition, "lv", NAMES["lv"]), sentence(condition, "en", NAMES["en"])


@pytest.mark.parametrize(("text", "lv", "en"), EXAMPLES, ids=[text for text, _, _ in EXAMPLES])
def test_an_example_reads_as_its_sentences(text: str, lv: str, en: str) -> None:
    assert said(parse(json.loads(text), WORDS)) == (lv, en)


def test_every_example_and_every_node_is_shown() -> None:
    assert PAGE.count("```json") == len(EXAMPLES)
    shown = {next(iter(json.loads(text))) for text, _, _ in EXAMPLES}
    assert shown == set(READERS)


def test_the_table_reads_as_its_sentences() -> None:
    ((text, lv, en),) = TABLES
    heading, _, *rows = [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in text.splitlines()]
    assert said(from_table(Table(heading, tuple(rows)), WORDS)) == (lv, en)


def test_the_limits_are_those_in_force() -> None:
    assert f"more than {MAX_NODES} nodes" in PAGE
    assert f"more than {MAX_RELATIONS} relations" in PAGE
