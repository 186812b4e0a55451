"""A draft of terms as the values of its form: what `terms_form.read_terms` reads back to the same draft."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from amis.concessions.drafts import TermsDraft
from amis.concessions.forms import Form
from amis.concessions.limits_form import FLAGS, TEXTS, WHOLE_NUMBERS, WORDS
from amis.concessions.models import ConcessionTerms
from amis.concessions.scope import MODES, SCOPES
from amis.concessions.shapes import from_date, from_days
from amis.web.formats import day, last_day
from rules.funding import Funding
from rules.quota import Quota
from rules.tariff import Discount, DiscountKind
from rules.terms import Offline, Terms

_PLAIN = Offline()


def draft_of(row: ConcessionTerms) -> TermsDraft:
    """A stored revision as the draft that it was written from."""
    quota = None if row.quota is None else Quota.from_json(row.quota)
    content = Discount.from_json(row.discount), quota, Terms.from_json(row.terms), Funding.from_json(row.funding)
    return TermsDraft(row.valid_from, row.valid_to, *content)


def form_of(draft: TermsDraft, language: str) -> Form:
    """The form filled in with a draft, its days written in `language`."""
    values = {"valid_from": day(draft.valid_from, language)}
    values["last_day"] = day(last_day(draft.valid_to), language) if draft.valid_to else ""
    for part in (_discount(draft.discount), _quota(draft.quota, language), _funding(draft.funding)):
        values |= dict(part)
    values |= dict(_limits(draft.terms, language))
    return Form({key: value for key, value in values.items() if value}, dict(_ticks(draft.terms)))


def _discount(discount: Discount) -> Iterator[tuple[str, str]]:
    yield from zip(("discount_kind", "discount_value"), _one(discount), strict=True)
    for row, (product, part) in enumerate(discount.products, 1):
        names = f"product_{row}", f"product_{row}_kind", f"product_{row}_value"
        yield from zip(names, (product, *_one(part)), strict=True)


def _one(discount: Discount) -> tuple[str, str]:
    free = discount.kind is DiscountKind.FREE
    return discount.kind.value, "" if free else str(discount.value)


def _quota(quota: Quota | None, language: str) -> Iterator[tuple[str, str]]:
    if quota is None:
        yield "quota_per", "month"
        return
    yield "quota_per", quota.per.value
    yield ("quota_n", str(quota.n)) if quota.amount is None else ("quota_amount", str(quota.amount))
    if quota.carry_until:
        yield "carry_until", from_date(quota.carry_until, language)


def _funding(funding: Funding) -> Iterator[tuple[str, str]]:
    for row, part in enumerate(funding.parts, 1):
        yield f"funder_{row}", part.funder
        figure = part.share if part.amount is None else part.amount
        yield f"{'share' if part.amount is None else 'funded'}_{row}", str(figure or Decimal(0))


def _limits(terms: Terms, language: str) -> Iterator[tuple[str, str]]:
    shape = terms.to_json()
    for key in WORDS:
        yield key, ", ".join(sorted(getattr(terms, key)))
    for key, known in (("modes", MODES), ("zones", SCOPES)):
        yield f"other_{key}", ", ".join(sorted(getattr(terms, key) - known.keys()))
    for key in (*WHOLE_NUMBERS, *TEXTS):
        yield key, str(shape.get(key, ""))
    yield "windows", "\n".join("–".join(map(_clock, window)) for window in terms.windows)
    yield "dates", "\n".join(from_date(value, language) for value in sorted(terms.dates))
    if terms.calendar is not None:
        yield "calendar", "\n".join(from_days(terms.calendar, language))
    yield "amber", "" if terms.offline.amber is _PLAIN.amber else terms.offline.amber.value
    yield "cap", "" if terms.offline.cap == _PLAIN.cap else str(terms.offline.cap)


def _ticks(terms: Terms) -> Iterator[tuple[str, list[str]]]:
    yield "zones", _known(terms.zones, SCOPES)
    yield "modes", _known(terms.modes, MODES)
    yield "weekdays", [str(one) for one in sorted(terms.weekdays)]
    for field, flags in FLAGS.items():
        yield field, [flag for flag in flags if getattr(terms, flag)]
    if terms.offline.online_only:
        yield "checks", [*(["check_photo"] if terms.check_photo else ()), "online_only"]


def _known(words: Iterable[str], known: Mapping[str, str]) -> list[str]:
    return sorted(word for word in words if word in known)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
