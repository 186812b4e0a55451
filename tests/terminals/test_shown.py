"""What a terminal learns from what it is shown, before anything is decided."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cards.credential import status_number
from cards.number import check_character
from rules.claim import Proof
from rules.period import EMPTY, Days
from rules.reason import Reason
from terminals.bundle.holding import Holding
from terminals.message import CardShown
from terminals.shown import Evidence, ShownRight, read
from tests.terminals.bundle.publisher import (
    ALL_2026,
    ASKED_CARD,
    AT,
    DEAD_CARD,
    FREE_CARD,
    HOUR,
    RIGA_ISSUER,
    ROOT_KEY,
    STRANGER,
    TRAM_CARD,
    Publisher,
    held,
    p256,
)
from tests.terminals.tokens import card, letter, phone, screenshot

NUMBER = "7M2K9QF0T4ZB1CW" + check_character("7M2K9QF0T4ZB1CW")
OTHER_CARD = bytes.fromhex("04aabbccddeeff")
TO_YEARS_END = Days.parse("{[2026-09-01,2027-01-01)}")


@pytest.fixture(scope="module")
def holding() -> Holding:
    return held()


def test_nothing_shown_proves_nothing(holding):
    assert read(None, holding, AT) == Evidence()


def test_a_letter_says_its_rights_from_the_day_of_its_issue(holding):
    shown = read(letter(301, 302, photo_id=True), holding, AT)
    assert (shown.refused, shown.proof, shown.municipality) == (None, Proof.STATIC, "JLG")
    assert shown.rights == (ShownRight(301, TO_YEARS_END), ShownRight(302, TO_YEARS_END))
    assert (shown.status, shown.who) == (status_number(3, 77), f"status {status_number(3, 77)}")
    assert (shown.cti, shown.uid, shown.presented, shown.replay_key) == ("0123456789abcdef", None, None, None)
    assert (shown.photo_id, shown.online, shown.dead, shown.current) == (True, False, False, False)


def test_the_day_of_issue_is_the_local_one(holding):
    late = datetime(2026, 8, 31, 21, 30, tzinfo=UTC)
    shown = read(letter(301, iat=int(late.timestamp())), holding, AT)
    assert shown.rights[0].periods == TO_YEARS_END


def test_a_right_that_was_over_when_it_was_issued_has_no_day(holding):
    assert read(letter(301, until=date(2026, 8, 31)), holding, AT).rights == (ShownRight(301, EMPTY),)


def test_a_phone_proves_itself_and_may_be_taken_once(holding):
    shown = read(phone(301), holding, AT)
    assert (shown.proof, shown.cti, shown.presented) == (Proof.DEVICE, None, int(AT.timestamp()))
    later = read(phone(301, at=AT + timedelta(seconds=15)), holding, AT)
    assert shown.who == later.who
    assert shown.replay_key != later.replay_key


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (screenshot(301), Reason.SCREENSHOT),
        (phone(301, at=AT - timedelta(seconds=61)), Reason.PRESENTATION_STALE),
        (phone(301, holder=p256(99)), Reason.BAD_SIGNATURE),
        (letter(301, signer=STRANGER), Reason.UNKNOWN_KEY),
        (letter(301, iat=int(AT.timestamp()) - 200 * 86_400, exp=int(AT.timestamp()) - 3600), Reason.TOKEN_EXPIRED),
        (letter(301, nbf=int(AT.timestamp()) + 3600), Reason.TOKEN_NOT_ACTIVE),
        (letter(301)[:-3] + "000", Reason.BAD_SIGNATURE),
        ("AM1:" + "0" * 700, Reason.MALFORMED),
        ("AM3:ABC", Reason.MALFORMED),
        ("https://example.lv/", Reason.MALFORMED),
        ("", Reason.MALFORMED),
        ("0123456789ABCDEF", Reason.MALFORMED),
    ],
)
def test_what_is_refused_says_why_and_nothing_more(holding, token, reason):
    assert read(token, holding, AT) == Evidence(refused=reason)


def test_a_number_is_for_the_service_to_know(holding):
    for text in (f"AM0:{NUMBER}", f"{NUMBER[:4]} {NUMBER[4:8]}-{NUMBER[8:]}".lower()):
        assert read(text, holding, AT) == Evidence(refused=Reason.ONLINE_REQUIRED, number=NUMBER)


def test_an_unknown_key_sends_a_stale_terminal_online(holding):
    stranger = letter(301, signer=STRANGER, exp=int(AT.timestamp()) + 300 * 86_400)
    assert read(stranger, holding, AT + 5 * HOUR).refused is Reason.ONLINE_REQUIRED
    assert read(letter(301), Holding(ROOT_KEY.der), AT).refused is Reason.ONLINE_REQUIRED
    foreign = card(301, uid=OTHER_CARD, signer=STRANGER)
    assert read(foreign, holding, AT).refused is Reason.UNKNOWN_KEY


def test_a_clock_set_back_revives_nothing():
    publisher = Publisher()
    publisher.at = AT + timedelta(days=101)
    assert read(letter(301), held(publisher), AT).refused is Reason.TOKEN_EXPIRED


def test_a_card_proves_its_own_credential(holding):
    shown = read(card(302, uid=OTHER_CARD, tier=1), holding, AT)
    assert (shown.refused, shown.proof, shown.uid, shown.who) == (
        None,
        Proof.CHIP,
        OTHER_CARD.hex(),
        "uid 04aabbccddeeff",
    )
    assert (shown.rights[0].code, shown.current, shown.status) == (302, False, status_number(3, 77))
    copied = CardShown(FREE_CARD, card(302, uid=OTHER_CARD).credential)
    assert read(copied, holding, AT) == Evidence(refused=Reason.BAD_SIGNATURE, uid=FREE_CARD.hex())


def test_the_snapshot_replaces_what_a_credential_promised(holding):
    shown = read(card(302, uid=TRAM_CARD), holding, AT)
    assert shown.rights == (ShownRight(303, ALL_2026, frozenset({"tram"}), frozenset()),)
    assert (shown.current, shown.municipality, shown.status) == (True, "JLG", status_number(3, 77))


def test_a_card_without_a_readable_credential_is_looked_up(holding):
    free = read(CardShown(FREE_CARD, b""), holding, AT)
    assert [right.code for right in free.rights] == [301, 304]
    assert (free.proof, free.municipality, free.current, free.status) == (Proof.STATIC, "JLG", True, None)
    assert read(CardShown(DEAD_CARD, b""), holding, AT).dead
    assert read(CardShown(ASKED_CARD, b""), holding, AT).online


def test_a_card_that_the_snapshot_does_not_have_is_unknown_only_to_a_fresh_terminal(holding):
    unknown = CardShown(OTHER_CARD, b"", 1)
    assert read(unknown, holding, AT).refused is Reason.UNKNOWN_TOKEN
    assert read(unknown, holding, AT + 5 * HOUR).refused is Reason.ONLINE_REQUIRED
    assert read(unknown, held(Publisher(cards=None)), AT).refused is Reason.ONLINE_REQUIRED


def test_a_proved_chip_needs_no_credential(holding):
    ended = {"iat": int(AT.timestamp()) - 200 * 86_400, "exp": int(AT.timestamp()) - 3600}
    assert read(card(302, uid=FREE_CARD, tier=1, **ended), holding, AT).current
    assert read(card(302, uid=FREE_CARD, **ended), holding, AT).refused is Reason.TOKEN_EXPIRED


def test_a_dead_card_is_dead_whatever_its_credential_says(holding):
    shown = read(card(302, uid=DEAD_CARD), holding, AT)
    assert (shown.dead, shown.refused, shown.rights[0].code) == (True, None, 302)
    asked = read(card(302, uid=ASKED_CARD), holding, AT)
    assert (asked.online, asked.current) == (True, False)


def test_a_credential_may_ask_to_be_asked_for(holding):
    assert read(letter(301, online=True), holding, AT).online
    assert not read(card(302, uid=FREE_CARD, online=True), holding, AT).online


def test_each_issuer_signs_for_its_own_municipality(holding):
    assert read(letter(309, signer=RIGA_ISSUER), holding, AT).municipality == "RIX"
