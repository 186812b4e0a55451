"""The person that a sample describes, as the rules take one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from amis.granting.sample import Sample, field
from amis.web.i18n import mark
from rules.errors import EmptyPeriod, ReversedPeriod
from rules.period import EMPTY, Days, Period
from rules.person import FactPeriod, PersonFacts, RelatedPerson

_DAY = mark("Enter a day such as 31/05/2026")


@dataclass(frozen=True, slots=True)
class Read:
    """The person that a sample describes, None with a marked text for each wrong field."""

    person: PersonFacts | None
    errors: Mapping[str, str]


def read_person(sample: Sample) -> Read:
    """The person as the rules take them; rows in which nothing is chosen are left out."""
    errors: dict[str, str] = {}
    person = _read(sample, "", errors)
    return Read(None if errors else person, errors)


def _read(sample: Sample, place: str, errors: dict[str, str]) -> PersonFacts:
    born, died = (_day(sample[key], field(place, key), errors) for key in ("born", "died"))
    groups: dict[str, Days] = {}
    for _, row, period in _periods(sample, place, "groups", errors):
        if row["group"]:
            groups[row["group"]] = groups.get(row["group"], EMPTY) | Days.of(period)
    return PersonFacts(
        born, died, tuple(_facts(sample, place, errors)), groups, tuple(_relations(sample, place, errors))
    )


def _facts(sample: Sample, place: str, errors: dict[str, str]) -> Iterator[FactPeriod]:
    for spot, row, period in _periods(sample, place, "facts", errors):
        if row["kind"]:
            number = _number(row["num"], field(spot, "num"), errors)
            yield FactPeriod(row["kind"], row["value"] or None, period, spot, number)


def _relations(sample: Sample, place: str, errors: dict[str, str]) -> Iterator[RelatedPerson]:
    for spot, row, period in _periods(sample, place, "relations", errors):
        person = _read(row["person"], f"{spot}/person", errors)
        if row["kind"]:
            yield RelatedPerson(row["kind"], period, person, spot)


def _periods(sample: Sample, place: str, rows: str, errors: dict[str, str]) -> Iterator[tuple[str, Sample, Period]]:
    for number, row in enumerate(sample[rows]):
        spot = f"{place}/{rows}/{number}"
        first, end = (_day(row[key], field(spot, key), errors) for key in ("from", "to"))
        try:
            yield spot, row, Period(first, end)
        except (EmptyPeriod, ReversedPeriod):
            errors[field(spot, "to")] = mark("The last day is before the first day")
            yield spot, row, Period(None, None)


def _day(text: str | None, name: str, errors: dict[str, str]) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        errors[name] = _DAY
        return None


def _number(text: str, name: str, errors: dict[str, str]) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", ".")) if text else None
    except InvalidOperation:
        number = Decimal("NaN")
    if number is not None and not number.is_finite():
        errors[name] = mark("Enter a number such as 343,00")
        return None
    return number
