"""Rows of the first call as inputs of the decider, seen through taps where a database says more than a row."""

from datetime import date
from uuid import UUID

from amis.validating.claims import KnownTerms, Row, TermsRevision, holder_of
from rules.claim import TokenState
from tests.validating.conftest import FREE
from tests.validating.test_api import Tap
from tests.validating.town import JELGAVA, Town

BLANK = Row._make([None] * len(Row._fields))


def known(row: Row) -> KnownTerms:
    terms = KnownTerms()
    terms.add(
        TermsRevision.from_row((row.concession_id, row.revision, 2, "JLG", "NEEDY", "JLG", FREE, None, {}, [], None, 7))
    )
    return terms


def token_row(**changes: object) -> Row:
    plain = {"token_id": UUID(int=1), "municipality": "JLG", "token_state": "active", "revision": 1}
    return BLANK._replace(**plain | {"concession_id": UUID(int=2), "periods": "{[2026-01-01,2026-02-01)}"} | changes)


def test_two_rules_that_grant_one_concession_are_one_right() -> None:
    rows = [token_row(), token_row(periods="{[2026-02-01,2026-03-01)}")]
    (right,) = holder_of(rows, date(2026, 1, 15), "JLG", known(rows[0])).entitlements
    assert str(right.periods) == "{[2026-01-01,2026-03-01)}"


def test_a_token_is_only_good_between_its_days() -> None:
    row = token_row(valid_from=date(2026, 1, 1), valid_to=date(2026, 2, 1))
    states = {
        day: holder_of([row], date.fromisoformat(day), None, known(row)).token_state
        for day in ("2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01")
    }
    assert list(states.values()) == [
        TokenState.NOT_ACTIVE,
        TokenState.ACTIVE,
        TokenState.ACTIVE,
        TokenState.EXPIRED,
    ]


def test_a_token_of_another_issuer_is_unknown() -> None:
    row = token_row()
    assert holder_of([row], date(2026, 1, 15), "RIX", known(row)).token_state is TokenState.UNKNOWN
    assert holder_of([row], date(2026, 1, 15), None, known(row)).token_state is TokenState.ACTIVE


def test_a_right_whose_terms_cannot_be_read_is_left_out() -> None:
    assert holder_of([token_row()], date(2026, 1, 15), None, KnownTerms()).entitlements == ()


async def test_a_quota_of_the_whole_period_is_counted_from_its_start(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("TRIP", FREE, {"n": 2, "per": "period"})
    holder = await town.add_holder(concession, periods="{[2026-01-05,)}")
    terminal = await town.add_terminal()
    assert [(await tap(terminal, holder.number))["reason"] for _ in range(3)] == ["OK", "OK", "QUOTA_USED"]
    counter = await town.db.execute("SELECT municipality_id, window_start, per, used FROM quota_counter")
    assert await counter.fetchall() == [(JELGAVA, date(2026, 1, 5), "period", 2)]


async def test_a_new_revision_of_the_terms_counts_from_its_first_day(town: Town, tap: Tap) -> None:
    concession = await town.add_concession("NEEDY", FREE)
    holder, terminal = await town.add_holder(concession), await town.add_terminal()
    assert (await tap(terminal, holder.number))["payable"] == "0.0000"
    await town.db.execute("UPDATE concession_terms SET valid_to = '2026-01-01'")
    await town.insert(
        "concession_terms",
        concession_id=concession,
        revision=2,
        municipality_id=JELGAVA,
        valid_from=date(2026, 1, 1),
        discount={"kind": "percent", "value": "50"},
        terms={},
    )
    assert (await tap(terminal, holder.number))["payable"] == "0.4250"
