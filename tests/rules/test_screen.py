"""The line a driver reads."""

from decimal import Decimal

import pytest

from rules.claim import Decision, Verdict
from rules.reason import Reason
from rules.screen import screen
from tests.rules.taps import FARE


@pytest.mark.parametrize(
    ("decision", "lv", "en"),
    [
        (Decision(Verdict.ACCEPT, Reason.OK, Decimal("0.4250")), "OK, -50 %", "OK, -50 %"),
        (Decision(Verdict.ACCEPT, Reason.OK_EXPIRES_SOON, Decimal(0)), "OK, -100 %", "OK, -100 %"),
        (Decision(Verdict.ACCEPT, Reason.OK, Decimal("0.57")), "OK, -32 %", "OK, -32 %"),
        (
            Decision(Verdict.ACCEPT_WARN, Reason.TERMINAL_STALE, Decimal(0)),
            "OK, -100 %. Dati nav atjaunoti",
            "OK, -100 %. Data not up to date",
        ),
        (
            Decision(Verdict.DENY, Reason.QUOTA_USED, FARE),
            "Braucienu skaits izlietots. Pilna cena 0.85 EUR",
            "No uses left. Full price 0.85 EUR",
        ),
    ],
)
def test_the_driver_reads_the_price_and_never_why(decision: Decision, lv: str, en: str) -> None:
    assert screen(decision, FARE, "lv") == lv
    assert screen(decision, FARE, "en") == en


def test_a_free_service_is_a_full_discount() -> None:
    assert screen(Decision(Verdict.ACCEPT, Reason.OK, Decimal(0)), Decimal(0), "en") == "OK, -100 %"


def test_a_token_that_has_ended_for_ever_is_to_be_handed_in() -> None:
    refused = Decision(Verdict.DENY, Reason.TOKEN_BLOCKED, Decimal("0.85"))
    assert screen(refused, Decimal("0.85"), "en", hand_in=True) == "Card blocked. Hand in the card. Full price 0.85 EUR"
    assert screen(refused, Decimal("0.85"), "lv", hand_in=True) == "Karte bloķēta. Karte jānodod. Pilna cena 0.85 EUR"
