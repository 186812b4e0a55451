"""Totals, shares and the chart of a report."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from amis.reporting import figures
from amis.reporting.scope import Scope
from amis.reporting.store import Line

SPRING = Scope(date(2026, 3, 1), date(2026, 5, 1))


def line(month: int, funder: str, discount: str, concession: str | None = "Needy", uses: int = 1) -> Line:
    gross = Decimal(discount) + 1
    names = (concession and f"{concession}-lv", concession)
    bus = ("BUS", "Bus", UUID(int=1), "JLG", concession)
    return Line(date(2026, month, 1), *bus, *names, funder, uses, gross, Decimal(1), Decimal(discount))


LINES = [line(3, "JLG", "0.1000"), line(3, "LV", "5.2000", "Orphans"), line(5, "JLG", "0.2000", None, uses=2)]


def test_sums_are_exact() -> None:
    assert figures.added(LINES) == figures.Sums(4, Decimal("8.5000"), Decimal(3), Decimal("5.5000"))
    assert figures.added([]) == figures.Sums(0, Decimal(0), Decimal(0), Decimal(0))


def test_shares_come_by_discount_and_add_up() -> None:
    found = figures.shares(LINES, "funder", "en")
    assert [(share.label, share.sums.uses, share.sums.discount) for share in found] == [
        ("LV", 1, Decimal("5.2000")),
        ("JLG", 3, Decimal("0.3000")),
    ]
    assert sum(share.sums.gross for share in found) == figures.added(LINES).gross


def test_concessions_are_named_in_the_readers_language() -> None:
    assert [share.label for share in figures.shares(LINES, "concession", "lv")] == [
        "Orphans-lv",
        "Cita devēja atvieglojums (JLG)",
        "Needy-lv",
    ]


def test_the_chart_has_every_month_of_the_scope() -> None:
    plan = figures.chart(LINES, SPRING, "funder", "en")
    assert plan.categories == ("Mar 26", "Apr 26", "May 26")
    assert [(one.label, one.values) for one in plan.series] == [("LV", (5.2, 0, 0)), ("JLG", (0.1, 0, 0.2))]


def test_what_has_no_colour_of_its_own_is_drawn_together() -> None:
    many = [line(3, f"F{n}", f"{n}.00") for n in range(1, 12)]
    plan = figures.chart(many, SPRING, "funder", "en")
    assert [one.label for one in plan.series] == [*(f"F{n}" for n in range(11, 4, -1)), "Others"]
    assert plan.total(0) == float(figures.added(many).discount)
