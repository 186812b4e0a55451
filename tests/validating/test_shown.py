"""What a shown text proves by itself, and how each refusal of a card becomes a reason."""

from datetime import UTC, date, datetime, timedelta

import pytest

from amis.issuing import store as issuing
from amis.kernel.keys import keystore, open_keys
from amis.kernel.settings import Settings
from amis.validating.body import Card, Number, Shown
from amis.validating.shown import examine
from cards.credential import mint_static, new_cti, status_number
from cards.keys import KeySigner
from cards.number import new_number, number_text
from cards.trust import Trust
from rules.claim import Proof
from rules.reason import Reason

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)


@pytest.fixture
def trust(configured: Settings) -> Trust:
    open_keys(configured)
    if "issuer/JLG" not in keystore().names():
        keystore().add("issuer/JLG")
    return issuing.trust(keystore())


def text(issued: datetime = NOW) -> str:
    return mint_static(
        KeySigner.of(keystore(), "issuer/JLG"),
        status=status_number(3, 77),
        rights=[(1, date(2026, 12, 31))],
        cti=new_cti(),
        issued=issued,
        expires=issued + timedelta(days=10),
        photo_id=True,
    )


def test_a_static_credential_names_its_place_in_a_status_list(trust: Trust) -> None:
    shown = examine(text(), trust, NOW)
    assert (shown.list, shown.index, shown.municipality, shown.proof) == (3, 77, "JLG", Proof.STATIC)
    assert shown.photo_id
    assert shown.replay is None


def test_a_number_is_read_in_every_way_it_is_shown(trust: Trust) -> None:
    number = new_number()
    readable = f"{number[:4]} {number[4:8]}-{number[8:]}".lower()
    ways = [number, number_text(number), readable, Shown(qr=number_text(number)), Shown(card=Card(number=number))]
    assert {examine(way, trust, NOW).number for way in [*ways, Shown(eid=Number(number))]} == {number}


def test_an_expired_credential_and_one_from_the_future_are_told_apart(trust: Trust) -> None:
    assert examine(text(NOW - timedelta(days=20)), trust, NOW).refused is Reason.TOKEN_EXPIRED
    assert examine(text(NOW + timedelta(days=1)), trust, NOW).refused is Reason.TOKEN_NOT_ACTIVE


def test_a_changed_letter_is_a_bad_signature(trust: Trust) -> None:
    minted = text()
    changed = minted[:-2] + ("0" if minted[-2] != "0" else "1") + minted[-1]
    assert examine(changed, trust, NOW).refused in (Reason.BAD_SIGNATURE, Reason.MALFORMED)


def test_an_unknown_key_is_told(trust: Trust) -> None:
    assert examine(text(), Trust(()), NOW).refused is Reason.UNKNOWN_KEY
