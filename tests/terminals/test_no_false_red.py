"""No valid credential is refused, and every altered one is: random ones against a verdict reckoned without the code."""

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest

from cards import base45
from cards.claims import Claims, Right
from cards.credential import PREFIX, mint, status_number
from cards.presentation import present
from cards.statuslist import INVALID, RIGHTS_CHANGED, SUSPENDED, VALID, StatusList
from rules.claim import Memory
from rules.tariff import Discount, DiscountKind
from rules.terms import Place, Terms
from terminals.bundle.holding import Holding
from terminals.message import CardShown, Tap
from terminals.shown import read
from terminals.validate import decide_offline
from tests.terminals.bundle.publisher import (
    AT,
    ISSUER,
    MACHINE,
    PHONE,
    RIGA_ISSUER,
    ROOT_KEY,
    Publisher,
    concession,
    policy,
    trust_list,
)
from tests.terminals.tokens import point_of
from tests.walks.counts import count

COUNT = count(test=300, check=20_000, deep=1_000_000)
RIGA = ZoneInfo("Europe/Riga")
LIST, SIZE = 3, 4096
UNLIKELY = 0.1
CENTS = Decimal("0.0001")


@dataclass(frozen=True)
class Offer:
    """A concession as a child would say it: per cent off, on which weekdays, in which mode and zone."""

    off: int
    weekdays: frozenset[int] = frozenset(range(1, 8))
    mode: str | None = None
    zone: str | None = None

    def open(self, on: date, place: Place) -> bool:
        return on.isoweekday() in self.weekdays and self.mode in (None, place.mode) and self.zone in (None, place.zone)

    def price(self, gross: Decimal) -> Decimal:
        return (gross * (100 - self.off) / 100).quantize(CENTS, ROUND_HALF_UP)


OFFERS = {
    1: Offer(100),
    2: Offer(50),
    3: Offer(90, frozenset({1, 2, 3, 4, 5})),
    4: Offer(100, frozenset({6, 7})),
    5: Offer(33, mode="tram"),
    6: Offer(75, zone="A"),
    65_535: Offer(10),
}
_SPOTS = [(mode, zone) for mode in ("bus", "tram") for zone in ("A", "B", None)]
PLACES = {f"{mode} {zone}": Place(f"{mode} {zone}", "JAP", mode, zone) for mode, zone in _SPOTS}


def terms(offer: Offer) -> Terms:
    def some(word: str | None) -> frozenset[str]:
        return frozenset() if word is None else frozenset({word})

    return Terms(weekdays=offer.weekdays, modes=some(offer.mode), zones=some(offer.zone))


def discount(offer: Offer) -> Discount:
    return Discount(DiscountKind.PERCENT, Decimal(offer.off)) if offer.off < 100 else Discount(DiscountKind.FREE)


@dataclass(frozen=True)
class Town:
    """A terminal that stays fresh for a year, with the statuses that its lists tell."""

    holding: Holding
    statuses: StatusList


@pytest.fixture(scope="module")
def town() -> Town:
    draw, statuses = random.Random(7), StatusList(SIZE)
    for index in range(SIZE):
        if draw.random() < UNLIKELY:
            statuses.set(index, draw.choice([INVALID, SUSPENDED, RIGHTS_CHANGED]))
    given = {
        code: (concession(code, first=date(2025, 1, 1), discount=discount(offer), terms=terms(offer)),)
        for code, offer in OFFERS.items()
    }
    rules = policy(places=PLACES, concessions=given, amnesty={}, stale_after=10**9)
    publisher = Publisher(policy=rules, trust=trust_list(days=1000), lists={LIST: statuses}, cards=None)
    holding = Holding(ROOT_KEY.der, MACHINE)
    manifest = publisher.manifest(life=timedelta(days=900))
    holding.update_trust(publisher.objects[holding.named_trust(manifest).href], AT)
    holding.update_manifest(manifest, AT)
    publisher.give(holding)
    return Town(holding, statuses)


@dataclass(frozen=True)
class Shown:
    """A credential and what is done with it; `wanted` is the verdict, `least` the price of the best right."""

    token: str | CardShown
    at: datetime
    place: str
    gross: Decimal
    wanted: str
    least: Decimal


def drawn(draw: random.Random, statuses: StatusList) -> Shown:
    """A valid credential of any profile, at any time of its life, at any place."""
    at = AT + timedelta(seconds=draw.randrange(300 * 86_400))
    issued = at - timedelta(seconds=draw.randrange(29 * 86_400))
    index, gross = draw.randrange(SIZE), Decimal(draw.randrange(1, 1_000_000)).scaleb(-4)
    codes = draw.sample([*OFFERS, 7, 999], draw.randint(1, 4))
    rights = tuple(Right(code, issued.date() + timedelta(days=draw.randrange(-2, 60))) for code in codes)
    name = draw.choice(sorted(PLACES))
    day, first = at.astimezone(RIGA).date(), issued.astimezone(RIGA).date()
    prices = [
        OFFERS[right.code].price(gross)
        for right in rights
        if right.code in OFFERS and first <= day <= right.until and OFFERS[right.code].open(day, PLACES[name])
    ]
    status = statuses.get(index)
    wanted = {VALID: "ACCEPT", RIGHTS_CHANGED: "ACCEPT_WARN"}.get(status, "DENY") if prices else "DENY"
    claims = Claims(
        int(issued.timestamp()), int((at + timedelta(days=1)).timestamp()), status_number(LIST, index), rights
    )
    least = gross if wanted == "DENY" else min(prices)
    return Shown(_token(draw, claims, at), at, name, gross, wanted, least)


def _token(draw: random.Random, claims: Claims, at: datetime) -> str | CardShown:
    signer, kind = draw.choice([ISSUER, RIGA_ISSUER]), draw.choice("SPBC")
    said = _as_profile(draw, claims, kind)
    if kind == "C":
        uid = draw.randbytes(7)
        data = mint(signer, said._replace(uid=uid, generation=draw.randrange(2**32)))
        return CardShown(uid, data, draw.randint(0, 1))
    if kind == "B":
        bound = mint(signer, said._replace(device=point_of(PHONE)))
        shown = int(at.timestamp()) + draw.randint(-60, 30)
        return present(bound, PHONE.sign, shown, draw.choice([None, "bus 12"]), draw.choice([None, b"nonce"]))
    return PREFIX + base45.encode(mint(signer, said))


def _as_profile(draw: random.Random, claims: Claims, kind: str) -> Claims:
    """With what the profile must and may say; with four rights no more fits into it."""
    if kind in "SP":
        claims = claims._replace(cti=draw.randbytes(8))
    if kind == "P":
        claims = claims._replace(name=draw.choice(["Anna", "Jēkabs Ķe"]), birth_year=draw.randint(1920, 2020))
    if len(claims.rights) == 4:
        return claims
    return claims._replace(photo_id=draw.random() < UNLIKELY, companions=draw.choice([0, 0, 1]))


def test_no_valid_credential_is_refused_and_no_other_price_is_asked(town: Town):
    draw = random.Random(COUNT)
    wrong = []
    for number in range(COUNT):
        shown = drawn(draw, town.statuses)
        evidence = read(shown.token, town.holding, shown.at)
        tap = Tap(shown.token, shown.at, shown.gross, shown.place)
        decision = decide_offline(tap, evidence, town.holding, Memory(), shown.at)
        if (evidence.refused, decision.verdict, decision.payable) != (None, shown.wanted, shown.least):
            wrong.append((number, shown, evidence, decision))
    assert wrong == []


def test_every_altered_credential_is_refused(town: Town):
    draw = random.Random(COUNT + 1)
    taken = []
    for number in range(COUNT):
        shown = drawn(draw, town.statuses)
        altered = _altered(draw, shown.token)
        if altered != shown.token and read(altered, town.holding, shown.at).refused is None:
            taken.append((number, shown, altered))
    assert taken == []


def _altered(draw: random.Random, token: str | CardShown) -> str | CardShown:
    if isinstance(token, CardShown):
        if draw.random() < UNLIKELY:
            return replace(token, uid=draw.randbytes(7))
        return replace(token, credential=_changed(draw, token.credential))
    if draw.random() < UNLIKELY:
        at = draw.randrange(len(token))
        return token[:at] + draw.choice(base45.ALPHABET) + token[at + 1 :]
    return token[:4] + base45.encode(_changed(draw, base45.decode(token[4:])))


def _changed(draw: random.Random, data: bytes) -> bytes:
    at = draw.randrange(len(data))
    kind = draw.choice(["bit", "bit", "byte", "cut", "more", "swap", "drop"])
    if kind == "bit":
        return data[:at] + bytes((data[at] ^ 1 << draw.randrange(8),)) + data[at + 1 :]
    if kind == "byte":
        return data[:at] + draw.randbytes(1) + data[at + 1 :]
    if kind == "cut":
        return data[:at]
    if kind == "more":
        return data + draw.randbytes(draw.randint(1, 3))
    if kind == "swap":
        return data[:at] + data[at:][::-1]
    return data[:at] + data[at + 1 :]
