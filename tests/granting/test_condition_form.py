"""The fields of the builder: what stands in them is what the draft says."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amis.granting import choices
from amis.granting.builder import WRAPPERS, Tree
from amis.granting.choices import Choices
from amis.granting.condition_form import Posted, fill, shown_day
from amis.granting.part_view import Shown, part_view
from amis.granting.tree_faults import check
from amis.web.environment import environment
from rules.condition import Condition, parse, to_json
from tests.granting.typed import fields, posted
from tests.rules.draws import KINDS, conditions

PAGE = '{% from "granting/builder.html" import part_box with context %}{{ part_box(part) }}'


@dataclass(frozen=True)
class Name:
    """A word with its names."""

    code: str
    name_lv: str
    name_en: str


def html(tree: Tree, language: str = "en") -> str:
    """The builder as a page shows it."""
    shown = Shown(KINDS, [], check(tree, KINDS).faults)
    words: dict[str, Any] = {
        "kinds": choices.KINDS,
        "every_kind": tuple(choices.KINDS),
        "wrappers": WRAPPERS,
        "ops": choices.OPS,
        "age_ops": choices.AGE_OPS,
        "boundaries": choices.BOUNDARIES,
        "leap": choices.LEAP,
        "address": "/rules/new",
        "focus": None,
    }
    template = environment(language).from_string(PAGE)
    return template.render(part=part_view(tree, shown), choices=Choices.of(KINDS, []), **words)


@settings(max_examples=60)
@given(conditions, st.sampled_from(["lv", "en"]))
def test_a_form_sent_back_as_it_stands_says_the_same_condition(condition: Condition, language: str) -> None:
    tree = to_json(condition)
    assert parse(fill(tree, posted(html(tree, language))), KINDS) == condition


@settings(max_examples=60)
@given(conditions)
def test_every_field_has_a_label_and_an_id_of_its_own(condition: Condition) -> None:
    page = html(to_json(condition))
    names = {name for name, _ in fields(page) if name and not name.endswith(":in")}
    assert all(page.count(f'id="{name}"') == 1 for name in names)
    assert all(f'for="{name}"' in page for name in names if f'type="hidden" name="{name}"' not in page)


TYPED: list[tuple[Tree, dict[str, str], Tree]] = [
    ({"age": {"op": "ge", "years": ""}}, {":op": "lt", ":value": "18"}, {"age": {"op": "lt", "years": 18}}),
    (
        {"age": {"op": "ge", "years": 1}},
        {":op": "ge", ":source": "param:majority", ":feb29": "02-28"},
        {"age": {"op": "ge", "years": {"param": "majority"}, "feb29": "02-28"}},
    ),
    (
        {"age": {"op": "ge", "years": 1}},
        {":op": "ge", ":source": "cohort:pension", ":value": "9"},
        {"age": {"op": "ge", "years": {"cohort": "pension"}}},
    ),
    (
        {"num": {"fact": "", "op": "le", "value": ""}},
        {":fact": "income", ":op": "gt", ":value": "1 343,50"},
        {"num": {"fact": "income", "op": "gt", "value": "1343.50"}},
    ),
    ({"during": [None, None]}, {":when": "school"}, {"during": "school"}),
    (
        {"during": [None, None]},
        {":when": "", ":from": "01.03.2026.", ":last": "31.05.2026"},
        {"during": ["2026-03-01", "2026-06-01"]},
    ),
    ({"during": "school"}, {":when": "", ":from": "", ":last": ""}, {"during": [None, None]}),
    ({"member": {"group": ""}}, {":group": "repressed"}, {"member": {"group": "repressed"}}),
    (
        {"count": {"relation": "", "op": "ge", "value": ""}},
        {":relation": "child", ":op": "ge", ":value": "3"},
        {"count": {"relation": "child", "op": "ge", "value": 3}},
    ),
    ({"grace": {"of": {}, "months": ""}}, {":months": "2"}, {"grace": {"of": {}, "months": 2}}),
    (
        {"extend_to": {"of": {}, "boundary": "month_end"}},
        {":boundary": "year_end"},
        {"extend_to": {"of": {}, "boundary": "year_end"}},
    ),
    # the values of another fact are not those of this one
    ({"has": {"fact": "disability", "in": ["I"]}}, {":fact": "study", ":in": "I"}, {"has": {"fact": "study"}}),
    (
        {"has": {"fact": "disability"}},
        {":fact": "disability", ":in": "I"},
        {"has": {"fact": "disability", "in": ["I"]}},
    ),
]


@pytest.mark.parametrize(("tree", "typed", "said"), TYPED)
def test_what_is_typed_is_what_the_draft_says(tree: Tree, typed: dict[str, str], said: Tree) -> None:
    assert fill(tree, Posted({name: (value,) for name, value in typed.items()})) == said


def test_what_cannot_be_read_stays_as_it_was_typed_and_is_named_beside_its_field() -> None:
    tree: Tree = {"all": [{"age": {"op": "ge", "years": 1}}, {"during": [None, None]}, {}, {"any": []}]}
    typed = {"/all/0:op": "ge", "/all/0:value": "sixty", "/all/1:when": "", "/all/1:from": "31.02.2026"}
    filled = fill(tree, Posted({name: (value,) for name, value in typed.items()}))
    assert filled["all"][0] == {"age": {"op": "ge", "years": "sixty"}}
    assert shown_day(filled["all"][1]["during"][0]) == "31.02.2026"
    found = [(fault.place, fault.field) for fault in check(filled, KINDS).faults]
    assert found == [("/all/0", "value"), ("/all/1", "from"), ("/all/2", "kind"), ("/all/3", "new")]
    page = html(filled)
    assert 'value="sixty"' in page
    assert page.count("govuk-error-message") == 4


@pytest.mark.parametrize(
    ("tree", "field"),
    [
        ({"has": {"fact": "unheard"}}, "fact"),
        ({"has": {"fact": "disability", "in": ["IV"]}}, "in"),
        ({"num": {"fact": "needy", "op": "le", "value": "1"}}, "fact"),
        ({"num": {"fact": "income", "op": "le", "value": "-1"}}, "value"),
        ({"num": {"fact": "income", "op": "about", "value": "1"}}, "part"),
        ({"age": {"op": "ge", "years": 151}}, "value"),
        ({"member": {"group": "unheard"}}, "group"),
        ({"related": {"relation": "friend"}}, "relation"),
        ({"count": {"relation": "child", "op": "ge", "value": 1001}}, "value"),
        ({"during": ["2026-03-01", "2026-03-01"]}, "from"),
        ({"during": "unheard"}, "when"),
        ({"held": {"of": {"has": {"fact": "needy"}}, "months": 0}}, "months"),
        ({"extend_to": {"of": {"has": {"fact": "needy"}}, "boundary": "never"}}, "boundary"),
        ({"has": {"fact": "needy", "since": 1}}, "part"),
    ],
)
def test_every_fault_stands_beside_a_field(tree: Tree, field: str) -> None:
    [fault] = check(tree, KINDS).faults
    assert fault.field == field
    assert f'id=":{field}"' in html(tree)
    assert fault.message in html(tree)


def test_a_condition_too_large_is_refused_as_a_whole() -> None:
    checked = check({"all": [{"has": {"fact": "needy"}}] * 500}, KINDS)
    assert checked.condition is None
    assert [(fault.place, fault.field) for fault in checked.faults] == [("", "part")]
