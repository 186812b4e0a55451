"""What a report shows of its lines: totals, a share for each provider, concession or funder, and the chart."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from amis.reporting.scope import Scope
from amis.reporting.store import Line
from amis.web.chart import SERIES_COLOURS, Chart, Series
from amis.web.formats import month, month_short
from amis.web.i18n import mark, translate

SPLITS: Mapping[str, str] = {
    "funder": mark("Funder"),
    "concession": mark("Concession"),
    "provider": mark("Service provider"),
}
"""By what the chart and the shares may be split, the usual one first."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Uses and amounts in euros."""

    uses: int
    gross: Decimal
    payable: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """The sums of one provider, concession or funder."""

    label: str
    sums: Sums


def added(lines: Sequence[Line]) -> Sums:
    """The sums over lines; a use that several funders share is one use of their total."""
    together = len({line.funder for line in lines}) > 1
    return Sums(
        sum(line.uses - line.repeated if together else line.uses for line in lines),
        sum((line.gross for line in lines), Decimal(0)),
        sum((line.payable for line in lines), Decimal(0)),
        sum((line.discount for line in lines), Decimal(0)),
    )


def concession_name(line: Line, language: str) -> str:
    """The concession in the reader's language; of a grantor whose names are not readable here, the grantor."""
    name = line.concession_lv if language == "lv" else line.concession_en
    return name or translate(language, mark("Concession of another grantor")) + f" ({line.grantor})"


def shares(lines: Sequence[Line], split: str, language: str) -> list[Share]:
    """The sums of each part, the largest discount first."""
    found = [Share(label, added(part)) for label, part in _parts(lines, split, language).items()]
    return sorted(found, key=lambda share: (-share.sums.discount, share.label))


def chart(lines: Sequence[Line], scope: Scope, split: str, language: str) -> Chart:
    """The discount of each month in euros, stacked by `split`; what has no colour of its own is the last series."""
    parts = _parts(lines, split, language)
    order = [share.label for share in shares(lines, split, language)]
    own = order if len(order) <= SERIES_COLOURS else order[: SERIES_COLOURS - 1]
    series = [Series(label, _by_month(parts[label], scope)) for label in own]
    if len(own) < len(order):
        rest = [line for label in order[len(own) :] for line in parts[label]]
        series.append(Series(translate(language, mark("Others")), _by_month(rest, scope)))
    write = month_short if len(scope.months) > 1 else month
    return Chart(
        translate(language, mark("Discount by month, EUR")),
        _described(scope, split, language),
        tuple(write(one, language) for one in scope.months),
        tuple(series),
        translate(language, mark("Month")),
    )


def _parts(lines: Sequence[Line], split: str, language: str) -> dict[str, list[Line]]:
    label: Callable[[Line], str] = {
        "funder": lambda line: line.funder,
        "concession": lambda line: concession_name(line, language),
        "provider": lambda line: line.provider_name,
    }[split]
    parts: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        parts[label(line)].append(line)
    return parts


def _by_month(lines: Sequence[Line], scope: Scope) -> tuple[float, ...]:
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.month] += line.discount
    return tuple(float(sums[one]) for one in scope.months)


def _described(scope: Scope, split: str, language: str) -> str:
    text = translate(language, mark("Stacked bars from %(first)s to %(last)s, split by: %(split)s."))
    split_by = translate(language, SPLITS[split])
    return text % {"first": month(scope.first, language), "last": month(scope.last, language), "split": split_by}
