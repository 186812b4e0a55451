"""The validator's JavaScript and the service's Python answer alike, whatever is drawn."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from playwright.async_api import Page

from cards import base45, cbor, cose
from cards.credential import Verified, verify, verify_card
from cards.errors import CredentialRefused, Malformed
from cards.number import new_number, parse_number, readable_number
from cards.presentation import check_presentation, inner_credential
from rules import wire
from rules.claim import Verdict
from rules.decision import local
from rules.reason import Reason
from rules.screen import screen
from rules.shape import Json
from tests.cards.conftest import AT
from tests.terminals.core_page import ask
from tests.terminals.drawn import UID, Town, encodings
from tests.terminals.drawn_taps import asked
from tests.terminals.golden.shapes import decided
from tests.terminals.make_vectors import DECISIONS
from tests.terminals.vectors.credentials import entry_json, plain
from tests.walks.counts import count

DRAWN = count(test=300, check=20_000, deep=50_000)
_EPOCH = date(1970, 1, 1)


async def test_every_drawn_decision_is_the_same(core: Page) -> None:
    random = Random(6)
    drawn = [asked(random) for _ in range(DRAWN)]
    expected = [wire.decision_to_json(decided(each)) for each in drawn]
    found = await ask(core, "decisions", drawn)
    wrong = [each for each in zip(drawn, expected, found, strict=True) if each[1] != each[2]]
    assert not wrong
    assert len({each["reason"] for each in expected}) > 15
    assert {each["verdict"] for each in expected} == set(Verdict)


async def test_the_driver_reads_the_same_line(core: Page) -> None:
    def expected(vector: Json) -> list[list[str]]:
        decision, gross = decided(vector), Decimal(vector["tap"]["gross"])  # type: ignore[index]
        return [[screen(decision, gross, lang, hand_in=gone) for gone in (False, True)] for lang in ("lv", "en")]

    assert await ask(core, "screens", DECISIONS) == [expected(vector) for vector in DECISIONS]
    words = [[each.name, each.value, each.colour, each.text("lv"), each.text("en")] for each in Reason]
    assert await ask(core, "reasons", None) == words


async def test_the_local_day_and_minute_are_the_same_around_every_change_of_the_clock(core: Page) -> None:
    changes = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    changes += [datetime(1996, 9, 29, 1, tzinfo=UTC), datetime(2000, 3, 26, 1, tzinfo=UTC)]
    steps = [timedelta(minutes=minutes) for minutes in (-1441, -181, -61, -1, 0, 1, 59, 60, 61, 181, 1440)]
    moments = [change + step for change in changes for step in steps]
    moments += [datetime(year, 1, 1, 21, 59, 59, 999_999, tzinfo=UTC) for year in (1970, 1999, 2038, 2100, 9998)]
    expected = [[(day - _EPOCH).days, minute] for day, minute in map(local, moments)]
    assert await ask(core, "locals", [moment.isoformat() for moment in moments]) == expected


async def test_a_number_is_read_however_it_is_typed(core: Page) -> None:
    random = Random(36)
    numbers = [new_number() for _ in range(20)]
    typed = [*numbers, *(f" am0:{readable_number(each).lower()} " for each in numbers), "", "AM0:", "7M2K"]
    typed += [each.replace("0", "o").replace("1", "l") for each in numbers]
    typed += [each[:at] + random.choice("0Z*Ā") + each[at + 1 :] for each in numbers for at in (0, 7, 15)]

    def expected(text: str) -> object:
        try:
            return parse_number(text)
        except Malformed as refused:
            return {"error": refused.code}

    assert await ask(core, "numbers", typed) == [expected(text) for text in typed]


def told(value: cbor.Value) -> object:
    """A decoded value as JSON can tell it apart."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dict):
        return {"map": [[told(key), told(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [told(item) for item in value]
    return {"int": str(value)} if type(value) is int else value


async def test_every_drawn_encoding_is_read_or_refused_alike(core: Page) -> None:
    drawn = list(encodings(Random(45), 3 * DRAWN))

    def expected(data: bytes) -> object:
        try:
            return {"value": told(cbor.decode(data)), "again": data.hex()}
        except Malformed as refused:
            return {"error": refused.code}

    found = await ask(core, "decoded", [data.hex() for data in drawn])
    wrong = [(data.hex(), said) for data, said in zip(drawn, found, strict=True) if said != expected(data)]
    assert not wrong
    assert 100 < sum("error" in said for said in found) < len(drawn) - 100


def judged(work: Callable[[], Verified]) -> Json:
    try:
        return {"verified": plain(work())}
    except CredentialRefused as refused:
        return {"error": refused.code}


async def test_every_drawn_credential_is_taken_or_refused_alike(core: Page) -> None:
    town, random = Town(), Random(18)
    offsets = [0] * 6 + [-121, -120, 3601 - 120, 3600 + 121, 400 * 86_400]
    shown: list[Json] = []
    expected: list[Json] = []
    for _ in range(2 * DRAWN):
        at, text = AT + timedelta(seconds=random.choice(offsets)), town.text(random)
        shown.append({"text": text, "at": at.isoformat(), "trust": "town"})
        expected.append(judged(partial(verify, text, town.trust, at)))
    for _ in range(DRAWN):
        card, uid = town.card(random), random.choice([UID] * 5 + [bytes(7)])
        shown.append({"card": base45.encode(card), "uid": uid.hex(), "at": AT.isoformat(), "trust": "town"})
        expected.append(judged(partial(verify_card, card, uid, town.trust, AT)))
    trusts = {"town": [entry_json(entry) for entry in town.entries]}
    found = await ask(core, "credentials", {"trusts": trusts, "cases": shown})
    wrong = [each for each in zip(shown, expected, found, strict=True) if each[1] != each[2]]
    assert not wrong
    codes = {str(said.get("error")) for said in expected}
    assert codes >= {"None", "malformed", "unknown_key", "bad_signature", "token_expired", "not_yet_valid"}
    assert codes >= {"screenshot", "wrong_carrier", "presentation_stale", "right_not_allowed"}


async def test_what_a_phone_shows_is_taken_by_the_service(core: Page) -> None:
    said = await ask(core, "presented", {"credential": "", "iat": 1})
    point = bytes.fromhex(said["point"])
    outer = cose.cut(base45.decode(said["text"].removeprefix("AM2:")))
    assert inner_credential(outer) == b""
    assert check_presentation(outer, bytes([2 + point[64] % 2]) + point[1:33], 1).iat == 1
