"""Who may change which key, as the settings of an application say; EV1 and EV2."""

import pytest

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.commands import change_key, change_key_settings, select_application
from cards.desfire.procedure import run
from cards.desfire.session import Session
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard import Version, VirtualCard
from tests.cards.simcard.raw import AID, UID, done

ZERO, NEW = bytes(16), bytes(range(16))
VERSIONS = {Scheme.EV1: Version.EV1, Scheme.EV2: Version.EV2}
OK, NOT_THIS_KEY, NEVER = Status.OK, Status.AUTHENTICATION_ERROR, Status.PERMISSION_DENIED


def card_with(scheme: Scheme, settings: int) -> VirtualCard:
    """A card with an application of four AES keys and these settings."""
    card = VirtualCard(UID, version=VERSIONS[scheme])
    done(card, 0xCA, AID + bytes((settings, 0x84)))
    return card


def session(card: VirtualCard, scheme: Scheme, number: int) -> Session:
    return run(authenticate(scheme, number, ZERO, first=[select_application(AID)]), card.process)[0]


@pytest.mark.parametrize("scheme", VERSIONS)
@pytest.mark.parametrize(
    ("settings", "key", "place", "expected"),
    [
        (0x0B, 0, 0, OK),
        (0x0B, 0, 3, OK),
        (0x0B, 3, 3, NOT_THIS_KEY),
        (0x0A, 0, 0, NEVER),
        (0x2B, 2, 3, OK),
        (0x2B, 0, 3, NOT_THIS_KEY),
        (0x2B, 0, 2, OK),
        (0x2B, 2, 2, NOT_THIS_KEY),
        (0x2B, 2, 0, NOT_THIS_KEY),
        (0xEB, 3, 3, OK),
        (0xEB, 0, 3, NOT_THIS_KEY),
        (0xFB, 0, 3, NEVER),
        (0xFB, 3, 3, NEVER),
        (0xFB, 0, 0, OK),
    ],
)
def test_a_key_is_changed_with_the_key_that_the_settings_name(scheme, settings, key, place, expected):
    card = card_with(scheme, settings)
    opened = session(card, scheme, key)
    work = opened.batch([change_key(opened, place, NEW, 9, None if key == place else ZERO)])
    if expected is OK:
        run(work, card.process)
    else:
        with pytest.raises(CardRefused) as refusal:
            run(work, card.process)
        assert refusal.value.status is expected
    done(card, 0x5A, AID)
    assert done(card, 0x64, bytes((place,))) == (b"\x09" if expected is OK else b"\x00")


@pytest.mark.parametrize("scheme", VERSIONS)
@pytest.mark.parametrize(("settings", "key", "expected"), [(0x0B, 0, OK), (0x03, 0, NEVER), (0x0B, 1, NOT_THIS_KEY)])
def test_settings_change_by_the_master_key_until_they_are_frozen(scheme, settings, key, expected):
    card = card_with(scheme, settings)
    work = session(card, scheme, key).batch([change_key_settings(0x0F)])
    if expected is OK:
        run(work, card.process)
    else:
        with pytest.raises(CardRefused) as refusal:
            run(work, card.process)
        assert refusal.value.status is expected
    done(card, 0x5A, AID)
    assert done(card, 0x45) == bytes((0x0F if expected is OK else settings, 0x84))
