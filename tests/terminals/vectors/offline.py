"""Golden offline decisions: a bundle, what is shown, what the terminal remembers, and the decision."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from cards.credential import status_number
from cards.number import check_character
from cards.statuslist import INVALID, RIGHTS_CHANGED, SUSPENDED, StatusList
from rules.claim import LastTap, Memory
from rules.shape import Json
from rules.wire import decision_to_json, memory_from_json, memory_to_json
from terminals.bundle.holding import Holding
from terminals.message import CardShown, Tap
from terminals.shown import Evidence, read
from terminals.validate import decide_offline
from tests.terminals.bundle.publisher import (
    ASKED_CARD,
    AT,
    CONCESSIONS,
    DEAD_CARD,
    FREE_CARD,
    HOUR,
    MACHINE,
    PLACES,
    RIGA_ISSUER,
    ROOT_KEY,
    SMALL,
    STRANGER,
    TRAM_CARD,
    Publisher,
    policy,
)
from tests.terminals.tokens import card, letter, phone, screenshot

NUMBER = "7M2K9QF0T4ZB1CW" + check_character("7M2K9QF0T4ZB1CW")
SEPTEMBER = date(2026, 9, 1)
BLOCKED, GONE, CHANGED = (status_number(3, index) for index in (2, 1, 3))
SATURDAY = AT + timedelta(days=4)
HOLIDAY = datetime.fromisoformat("2026-09-07T12:00:00+03:00")
Shown = str | CardShown | None
NAMED = {
    "a free card": FREE_CARD,
    "a tram card": TRAM_CARD,
    "a dead card": DEAD_CARD,
    "a card to ask for": ASKED_CARD,
}
COUNTED = CONCESSIONS[302][0].code, SEPTEMBER


def publishers() -> dict[str, Publisher]:
    """The bundles that the cases name."""
    listed = StatusList(SMALL)
    for index, status in ((1, INVALID), (2, SUSPENDED), (3, RIGHTS_CHANGED)):
        listed.set(index, status)
    lists = {3: listed}
    return {
        "ordinary": Publisher(lists=lists),
        "no snapshot": Publisher(lists=lists, cards=None),
        "strict": Publisher(lists=lists, policy=policy(pass_back_seconds=60, expires_soon_days=0, copy_metres=5000)),
        "holiday": Publisher(lists=lists, at=HOLIDAY),
        "saturday": Publisher(lists=lists, at=SATURDAY),
        "night": Publisher(lists=lists, at=AT.replace(hour=20, minute=59)),
    }


def cases() -> Json:
    """The whole file."""
    found = publishers()
    return {
        "about": "Offline decisions: the bundle taken at its time, then the token read and the tap decided at `at`.",
        "root": b64encode(ROOT_KEY.der).decode(),
        "machine": MACHINE,
        "bundles": {name: _bundle(publisher) for name, publisher in found.items()},
        "cases": [case | decided(case, holding_of(_bundle(found[str(case["bundle"])]))) for case in _cases()],
    }


def holding_of(bundle: Json) -> Holding:
    """What a terminal holds that was given a bundle of the file."""
    at = datetime.fromisoformat(str(bundle["at"]))
    holding = Holding(ROOT_KEY.der, MACHINE)
    holding.update_trust(b64decode(str(bundle["trust"])), at)
    holding.update_manifest(b64decode(str(bundle["manifest"])), at)
    for part in holding.missing():
        holding.update_part(part, b64decode(bundle["parts"][f"{part.kind} {part.name}"]), at)  # type: ignore[index]
    return holding


def decided(case: Json, holding: Holding) -> Json:
    """What this implementation reads and decides."""
    at, tap = datetime.fromisoformat(str(case["at"])), dict(case["tap"])  # type: ignore[call-overload]  # an object
    token = _token(case["token"])
    evidence = read(token, holding, at)
    asked = Tap(token, datetime.fromisoformat(tap.pop("at")), Decimal(tap.pop("gross")), **tap)
    memory, doubt = memory_from_json(case["memory"]), bool(case["clock_doubtful"])
    decision = decide_offline(asked, evidence, holding, memory, at, clock_doubtful=doubt)
    return {"evidence": _evidence(evidence), "decision": decision_to_json(decision)}


def _token(shown: object) -> Shown:
    if isinstance(shown, dict):
        return CardShown(bytes.fromhex(shown["uid"]), b64decode(shown["credential"]), shown["tier"])
    return shown if isinstance(shown, str) else None


def _bundle(publisher: Publisher) -> Json:
    manifest = publisher.manifest()
    parts = {f"{part.kind} {part.name}": publisher.objects[part.href] for part in publisher.parts()}
    return {
        "at": publisher.at.isoformat(),
        "trust": b64encode(parts.pop("trust trust")).decode(),
        "manifest": b64encode(manifest).decode(),
        "parts": {name: b64encode(data).decode() for name, data in parts.items()},
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "refused": None if evidence.refused is None else evidence.refused.name,
        "proof": evidence.proof.value,
        "who": evidence.who,
        "municipality": evidence.municipality,
        "status": evidence.status,
        "cti": evidence.cti,
        "uid": evidence.uid,
        "presented": evidence.presented,
        "replay_key": evidence.replay_key,
        "photo_id": evidence.photo_id,
        "online": evidence.online,
        "dead": evidence.dead,
        "current": evidence.current,
        "number": evidence.number,
    }


def _case(
    name: str,
    token: Shown,
    at: datetime = AT,
    *,
    bundle: str = "ordinary",
    memory: Memory | None = None,
    doubt: bool = False,
    number: str | None = None,
    **tap: object,
) -> Json:
    shown: object = token
    if isinstance(token, CardShown):
        credential = b64encode(token.credential).decode()
        shown = {"uid": token.uid.hex(), "credential": credential, "tier": token.tier}
    asked = {"at": at.isoformat(), "gross": "0.85", "place": None, "product": "single", "companions": 0} | tap
    case: Json = {"name": name} if number is None else {"name": name, "case": number}
    case |= {"bundle": bundle, "token": shown, "tap": asked, "memory": memory_to_json(memory or Memory())}
    return case | {"at": at.isoformat(), "clock_doubtful": doubt}


def _cases() -> Iterator[Json]:
    yield from _plain()
    yield from _doubts()
    yield from _cards()
    yield from _memories()
    yield from _acceptance()


def _plain() -> Iterator[Json]:
    yield _case("a free right", letter(301))
    yield _case("half the price, so often a month", letter(302), product="season", gross="1.2345")
    yield _case("the best of four", letter(302, 301, 305, 311))
    yield _case("a phone", phone(301))
    yield _case("a phone that shows a screenshot", screenshot(301))
    yield _case("nothing shown", None)
    yield _case("nonsense", "nonsense")
    yield _case("a number", f"AM0:{NUMBER}")
    yield _case("a right of another provider", letter(999))
    yield _case("a right that ends soon", letter(301, until=date(2026, 9, 10)))
    yield _case("a right that ends today", letter(301, until=SEPTEMBER), bundle="strict")
    yield _case("a right that ended yesterday", letter(301, until=date(2026, 8, 31)))
    yield _case("the revision of the day", letter(311))
    yield _case("a mode that a credential cannot say", letter(303))
    yield _case("a waiver that a credential cannot say", letter(304))
    yield _case("a weekday on which no waiver is needed", letter(304), SATURDAY, bundle="saturday")
    yield _case("money is never offline", letter(308))
    yield _case("never offline by its terms", letter(312))
    yield _case("asked for by its credential", letter(301, online=True))
    yield _case("a photo that the credential asks for", letter(301, photo_id=True))
    yield _case("a photo that the concession asks for", letter(305))
    yield _case(
        "the last minute of a day", letter(301, until=SEPTEMBER), AT.replace(hour=20, minute=59), bundle="night"
    )
    yield _case("the first of the next", letter(301, until=SEPTEMBER), AT.replace(hour=21, minute=0), bundle="night")


def _doubts() -> Iterator[Json]:
    for name, status in (("ended", GONE), ("blocked", BLOCKED), ("changed", CHANGED)):
        yield _case(f"a token that is {name}", letter(301, status=status))
        yield _case(f"a token that is {name}, where doubt is refused", letter(306, status=status))
    yield _case("an index beyond the list", letter(301, status=status_number(3, SMALL)))
    yield _case("a list that is not held", letter(307, status=status_number(4, 0)))
    yield _case("a stale terminal", letter(301), AT + 5 * HOUR)
    yield _case("a stale terminal, where doubt is refused", letter(306), AT + 5 * HOUR)
    yield _case("a stale terminal, where doubt asks for a look", letter(307), AT + 5 * HOUR)
    yield _case("a stranger's key", letter(301, signer=STRANGER))
    yield _case("a stranger's key at a stale terminal", letter(301, signer=STRANGER), AT + 5 * HOUR)
    yield _case("a clock a year behind", letter(301), AT.replace(year=2025))
    yield _case("a clock a year ahead", letter(301), AT.replace(year=2027))
    yield _case("a clock ten minutes behind", letter(301), AT - timedelta(seconds=600))
    yield _case("a clock that is known to be wrong", letter(301), doubt=True)
    old = (AT - timedelta(seconds=601)).isoformat()
    yield _case("a tap of ten minutes ago and more", letter(301)) | {"tap": _tap(old)}
    yield _case("a tap of two minutes ahead and more", letter(301)) | {
        "tap": _tap((AT + timedelta(seconds=121)).isoformat())
    }
    yield _case("a place that is not known", letter(301), place="nowhere")


def _tap(at: str) -> Json:
    return {"at": at, "gross": "0.85", "place": "bus-1", "product": "single", "companions": 0}


def _cards() -> Iterator[Json]:
    other = bytes.fromhex("04aabbccddeeff")
    yield _case("a card by its credential", card(302, uid=other))
    yield _case("a card that proved itself", card(302, uid=other, tier=1))
    yield _case("a copied credential", CardShown(FREE_CARD, card(302, uid=other).credential))
    for uid, name in (
        (FREE_CARD, "a free card"),
        (TRAM_CARD, "a tram card"),
        (DEAD_CARD, "a dead card"),
        (ASKED_CARD, "one to ask for"),
    ):
        yield _case(f"{name}, by its UID", CardShown(uid, b""), place="tram-7")
        yield _case(f"{name}, by its credential", card(302, uid=uid), place="tram-7")
    yield _case("a tram card in a bus", CardShown(TRAM_CARD, b""))
    yield _case("an unknown card", CardShown(other, b""))
    yield _case("an unknown card at a stale terminal", CardShown(other, b""), AT + 5 * HOUR)
    yield _case("a card where no snapshot is held", CardShown(FREE_CARD, b""), bundle="no snapshot")
    yield _case("rights of the snapshot that changed", card(302, uid=FREE_CARD, status=CHANGED))
    yield _case("a blocked card of the snapshot", card(302, uid=FREE_CARD, status=BLOCKED))
    ended = {"iat": int(AT.timestamp()) - 200 * 86_400, "exp": int(AT.timestamp()) - 3600}
    yield _case("an expired credential in a proved chip", card(302, uid=FREE_CARD, tier=1, **ended))
    yield _case("an expired credential", card(302, uid=FREE_CARD, **ended))


def _memories() -> Iterator[Json]:
    yield _case("nineteen used", letter(302), memory=Memory(used={COUNTED: 19}))
    yield _case("two not yet sent", letter(302), memory=Memory(unsynced={COUNTED: 2}))
    yield _case("units set aside", letter(302), memory=Memory({COUNTED: 20}, {}, {COUNTED: 2}, reserved={COUNTED: 3}))
    yield _case("units set aside and used", letter(302), memory=Memory(reserved={COUNTED: 0}))
    near = LastTap(AT - timedelta(seconds=50), PLACES["bus-1"])
    yield _case("a copy near by", letter(301), memory=Memory(last=(near,)))


def _acceptance() -> Iterator[Json]:
    yield _case("ride 21", letter(302), number="T07", memory=Memory(used={COUNTED: 20}))
    yield _case("50 cents off 0.40", letter(309, signer=RIGA_ISSUER), number="T11", gross="0.40")
    yield _case("50 cents off 1.00", letter(309, signer=RIGA_ISSUER), number="T11", gross="1.00")
    yield _case("with the holder", letter(305), number="T15", companions=1)
    yield _case("without the holder", None, number="T15", companions=1)
    yield _case("a companion of none", letter(301), number="T16", companions=1)
    for name, token in (("no token", None), ("nonsense", "nonsense"), ("a blocked token", letter(301, status=BLOCKED))):
        fields = {"number": "T21", "gross": "1.00", "companions": 2}
        yield _case(f"for everybody, {name}", token, HOLIDAY, bundle="holiday", **fields)
    yield _case("a replaced card", card(302, uid=bytes(7), status=GONE), number="T33")
    yield _case("in an amnesty", letter(309, signer=RIGA_ISSUER, status=BLOCKED), number="T34")
    yield _case("an amnesty elsewhere", letter(301, status=BLOCKED), number="T34")
    again = Memory(last=(LastTap(AT - timedelta(seconds=30), PLACES["bus-1"]),))
    yield _case("again too soon", letter(301), number="T35", bundle="strict", memory=again)
    far = Memory(last=(LastTap(AT - timedelta(seconds=50), PLACES["tram-7"]),))
    yield _case("a copied picture", letter(301), number="T36", memory=far)
    yield _case("a phone is no copy", phone(301), number="T36", memory=far)
    shown = read(phone(301), holding_of(_bundle(publishers()["ordinary"])), AT).replay_key or ""
    yield _case("a presentation again", phone(301), number="T37", memory=Memory(seen=frozenset({shown})))
    yield _case("six hours without a word", letter(301), AT + 6 * HOUR, number="T38")
