"""Tokens that the tests of terminals show: letters, phones and cards, signed by the issuers of the test bundle."""

from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cards import base45
from cards.claims import Claims, Right
from cards.credential import PREFIX, mint, status_number
from cards.presentation import present
from terminals.message import CardShown
from tests.terminals.bundle.publisher import AT, FREE_CARD, ISSUER, PHONE, Repeatable

CTI = bytes.fromhex("0123456789abcdef")
LAST_DAY = date(2026, 12, 31)


def claims(*codes: int, status: int = status_number(3, 77), until: date = LAST_DAY, **fields) -> Claims:
    """Claims with these tariff codes, issued at AT for 100 days unless said otherwise."""
    iat = int(AT.timestamp())
    rights = tuple(Right(code, until) for code in codes or (301,))
    return Claims(**({"iat": iat, "exp": iat + 100 * 86_400, "status": status, "rights": rights, "cti": CTI} | fields))


def letter(*codes: int, signer: Repeatable = ISSUER, **fields) -> str:
    """The text of a static credential."""
    return PREFIX + base45.encode(mint(signer, claims(*codes, **fields)))


def point_of(phone: Repeatable) -> bytes:
    """The phone's public key as a credential carries it."""
    return phone.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def inner(*codes: int, signer: Repeatable = ISSUER, phone: Repeatable = PHONE, **fields) -> bytes:
    """A credential that is bound to a phone."""
    plain = {"device": point_of(phone), "cti": None, "exp": int((AT + timedelta(days=30)).timestamp())}
    return mint(signer, claims(*codes, **(plain | fields)))


def screenshot(*codes: int, **fields) -> str:
    """The phone's credential without the phone."""
    return PREFIX + base45.encode(inner(*codes, **fields))


def phone(*codes: int, at: datetime = AT, holder: Repeatable = PHONE, **fields) -> str:
    """What a phone shows at a moment."""
    return present(inner(*codes, **fields), holder.sign, int(at.timestamp()))


def card(*codes: int, uid: bytes = FREE_CARD, tier: int = 0, signer: Repeatable = ISSUER, **fields) -> CardShown:
    """A card with a credential for its chip."""
    data = mint(signer, claims(*codes, uid=uid, generation=1, **({"cti": None} | fields)))
    return CardShown(uid, data, tier)
