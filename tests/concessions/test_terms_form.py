"""The form of terms: whatever it can hold is written into it and read back, and a fault belongs to its field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData, UploadFile

from amis.concessions.drafts import TermsDraft
from amis.concessions.forms import TICKED, Form
from amis.concessions.terms_form import read_terms
from amis.concessions.terms_values import draft_of, form_of
from rules.funding import Funding, Part
from rules.period import Days
from rules.quota import Per, Quota
from rules.tariff import Discount, DiscountKind
from rules.terms import Terms
from tests.concessions.rows import drafts, row_of

TYPED: Mapping[str, str] = {
    "discount_kind": "percent",
    "discount_value": "12,5",
    "quota_n": "20",
    "quota_per": "month",
    "zones": "city",
    "valid_from": "01.03.2026",
    "last_day": "31.05.2026",
}


def typed(**more: str) -> Form:
    return Form.of(FormData(dict(TYPED) | more))


def read(**more: str) -> TermsDraft:
    form = typed(**more)
    terms = read_terms(form)
    assert terms is not None, form.errors
    return terms


def posted(form: Form) -> FormData:
    """What a browser sends of a form: an untouched text field is empty, and lines end as the web has them."""
    sent: list[tuple[str, str | UploadFile]] = []
    sent += [(name, value.replace("\n", "\r\n")) for name, value in form.values.items()]
    sent += [(name, value) for name in TICKED for value in form.ticks(name)]
    return FormData(sent)


@given(drafts(), st.sampled_from(["lv", "en"]))
def test_every_draft_comes_back_from_its_form_as_it_was(draft: TermsDraft, language: str) -> None:
    draft.check()
    form = Form.of(posted(form_of(draft, language)))
    assert read_terms(form) == draft, form.errors


@given(drafts())
def test_every_draft_comes_back_from_its_row_as_it_was(draft: TermsDraft) -> None:
    assert draft_of(row_of(draft)) == draft


def test_a_short_form_is_enough_for_the_usual_case() -> None:
    assert read() == TermsDraft(
        date(2026, 3, 1),
        date(2026, 6, 1),
        Discount(DiscountKind.PERCENT, Decimal("12.5")),
        Quota(20, Per.MONTH),
        Terms(zones=frozenset({"city"})),
    )


def test_uses_are_carried_over_and_money_stands_in_place_of_uses() -> None:
    assert read(carry_until="31.10.").quota == Quota(20, Per.MONTH, "10-31")
    assert read(quota_n="", quota_amount="30,00").quota == Quota(0, Per.MONTH, None, Decimal("30.00"))


def test_several_funders_share_a_discount() -> None:
    halves = read(funder_1="LV", funded_1="1,545", funder_3="RIX", share_3="100")
    assert halves.funding == Funding((Part("LV", amount=Decimal("1.545")), Part("RIX", Decimal(100))))


def test_a_named_calendar_goes_before_periods_that_were_typed() -> None:
    days = Days.parse("{[2026-09-01,2027-06-01)}")
    form = typed(calendar_code="school_year", calendar="01.01.2026.–31.01.2026.")
    terms = read_terms(form, {"school_year": days})
    assert terms is not None
    assert terms.terms.calendar == days


def test_what_is_typed_by_hand_is_read_as_it_is_meant() -> None:
    limits = read(
        windows="7:00 - 9:30\n22:00-04:00", dates="4.5.\n01/09/2026", calendar="- 31.05.2026", routes="7, 7A,7"
    )
    assert limits.terms.windows == ((420, 570), (1320, 240))
    assert limits.terms.dates == {"05-04", "2026-09-01"}
    assert str(limits.terms.calendar) == "{(,2026-06-01)}"
    assert limits.terms.routes == {"7", "7A"}


FAULTS = [
    ("discount_kind", "gift", "discount_kind"),
    ("discount_value", "101", "discount_value"),
    ("discount_value", "NaN", "discount_value"),
    ("discount_value", "1e9", "discount_value"),
    ("discount_value", "0,00001", "discount_value"),
    ("discount_value", "-1", "discount_value"),
    ("product_1_value", "50", "product_1"),
    ("quota_n", "0", "quota_n"),
    ("quota_n", "1.5", "quota_n"),
    ("quota_n", "٣", "quota_n"),
    ("quota_n", "9" * 5000, "quota_n"),
    ("quota_amount", "30", "quota_amount"),
    ("quota_per", "hour", "quota_per"),
    ("carry_until", "30.10.", "carry_until"),
    ("carry_until", "29.02.", "carry_until"),
    ("zones", "moon", "zones"),
    ("modes", "rocket", "modes"),
    ("weekdays", "8", "weekdays"),
    ("choice", "holder_mode", "choice"),
    ("everybody", "universal", "everybody"),
    ("windows", "25:00-26:00", "windows"),
    ("dates", "31.02.", "dates"),
    ("calendar", "01.06.2026-01.05.2026", "calendar"),
    ("companions", "11", "companions"),
    ("priority", "0", "priority"),
    ("per_household", "0", "per_household"),
    ("cut_off_day", "32", "cut_off_day"),
    ("pass_back_seconds", "-1", "pass_back_seconds"),
    ("cap", "9999", "cap"),
    ("waiver", "a" * 201, "waiver"),
    ("funder_1", "LV", "funder_1"),
    ("share_2", "50", "funder_2"),
    ("valid_from", "31.02.2026", "valid_from"),
    ("valid_from", "", "valid_from"),
    ("last_day", "28.02.2026", "last_day"),
    ("last_day", "31.12.9999", "last_day"),
]


@pytest.mark.parametrize(("name", "value", "field"), FAULTS)
def test_a_fault_belongs_to_its_field_alone(name: str, value: str, field: str) -> None:
    form = typed(**{name: value})
    assert read_terms(form) is None
    assert list(form.errors) == [field]


@given(st.dictionaries(st.sampled_from(sorted({name for name, *_ in FAULTS})), st.text(max_size=12)))
def test_whatever_is_typed_is_read_or_refused_and_what_is_read_can_be_stored(values: dict[str, str]) -> None:
    form = typed(**values)
    terms = read_terms(form)
    assert (terms is None) is bool(form.errors)
    if terms is not None:
        terms.check()
        assert draft_of(row_of(terms)) == terms
