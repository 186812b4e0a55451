"""Whatever is changed in signed contents, stories and taps: JavaScript takes and refuses it as Python does."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from playwright.async_api import Page

from cards.claims import decode_claims
from cards.errors import CredentialRefused
from cards.statuslist import StatusListToken, open_status_list
from rules.errors import RulesError
from rules.shape import Json
from terminals.bundle.canonical import read_canonical
from terminals.bundle.delta import Delta
from terminals.bundle.errors import BundleRefused, ObjectUnreadable
from terminals.bundle.holding import Holding
from terminals.bundle.manifest import Manifest
from terminals.bundle.policy import Policy
from terminals.bundle.snapshot import Snapshot
from terminals.bundle.trustlist import TrustList
from tests.terminals.bundle.publisher import MACHINE, ROOT_KEY, trust_list
from tests.terminals.core_page import ask
from tests.terminals.drawn_edits import contents
from tests.terminals.vectors import bundles, offline
from tests.terminals.vectors.credentials import entry_json
from tests.terminals.vectors.write import FOLDER
from tests.walks.counts import count

DRAWN = count(test=300, check=5_000, deep=50_000)


def policy_in(payload: bytes) -> Policy:
    """As `Policy.decode`, which refuses other forms of the same policy too; JavaScript leaves that to the signature."""
    try:
        return Policy.from_json(read_canonical(payload))
    except RulesError as refused:
        raise ObjectUnreadable(str(refused)) from None


TRUST = trust_list()
READERS: Mapping[str, Callable[[bytes], object]] = {
    "status": lambda data: open_status_list(data, TRUST.trust),
    "claims": decode_claims,
    "trust": TrustList.decode,
    "manifest": Manifest.decode,
    "delta": Delta.decode,
    "policy": policy_in,
    "cards": Snapshot.decode,
}
_DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 16)]


def vectors(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def reading(kind: str, payload: bytes) -> Json:
    try:
        found = READERS[kind](payload)
    except (CredentialRefused, BundleRefused) as refused:
        return {"error": refused.code}
    return {"taken": looked(found)}


def looked(found: object) -> object:
    if isinstance(found, StatusListToken):
        return [found.uri, found.statuses.size, found.statuses.packed()[:9].hex()]
    return in_force(found) if isinstance(found, Policy) else True


def in_force(policy: Policy) -> list[list[int | None]]:
    return [
        [code, *((found := policy.revision(code, day)) and found.revision for day in _DAYS)]
        for code in sorted(policy.concessions)
    ]


async def test_every_changed_content_is_taken_or_refused_alike(core: Page) -> None:
    drawn = contents(Random(31), 4 * DRAWN)
    asked = {"contents": [[kind, payload.hex()] for kind, payload in drawn], "days": [str(day) for day in _DAYS]}
    asked["entries"] = [entry_json(entry) for entry in TRUST.entries]
    found = await ask(core, "readings", asked)
    expected = [reading(*each) for each in drawn]
    wrong = [each for each in zip(drawn, expected, found, strict=True) if each[1] != each[2]]
    assert not wrong
    assert {kind for (kind, _), said in zip(drawn, found, strict=True) if "taken" in said} == set(READERS)
    assert {kind for (kind, _), said in zip(drawn, found, strict=True) if "error" in said} == set(READERS)


async def test_signed_objects_in_any_order_lead_to_the_same_state(core: Page) -> None:
    file, random = vectors("bundle.json"), Random(32)
    steps = [step for case in file["cases"] for step in case["steps"]]
    stories = [_story(random, steps) for _ in range(DRAWN // 12)]
    expected = []
    for story in stories:
        holding = Holding(ROOT_KEY.der, MACHINE)
        expected.append([bundles.taken(holding, step) for step in story])
    found = await ask(core, "bundles", {**file, "cases": [{"steps": story} for story in stories]})
    assert found == json.loads(json.dumps(expected))
    assert max(said["seq"] or 0 for story in found for said in story) > 10


def _story(random: Random, steps: list[Json]) -> list[Json]:
    """Some steps in the order of their cases, some of them anywhere, at moments of their own."""
    start = random.randrange(len(steps))
    told = steps[start : start + 12] + random.choices(steps, k=6)
    moved = timedelta(hours=random.choice([0, 0, 0, 5, 49]))
    return [{**step, "at": (datetime.fromisoformat(str(step["at"])) + moved).isoformat()} for step in told]


async def test_any_token_at_any_bundle_is_decided_alike_without_a_connection(core: Page) -> None:
    file, random = vectors("offline.json"), Random(33)
    holdings = {name: offline.holding_of(bundle) for name, bundle in file["bundles"].items()}
    drawn = [_mixed(random, file["cases"]) for _ in range(2 * DRAWN)]
    expected = [offline.decided(case, holdings[str(case["bundle"])]) for case in drawn]
    found = await ask(core, "offline", {**file, "cases": drawn})
    wrong = [each for each in zip(drawn, json.loads(json.dumps(expected)), found, strict=True) if each[1] != each[2]]
    assert not wrong
    assert len({said["decision"]["reason"] for said in found}) > 12


def _mixed(random: Random, cases: list[Json]) -> Json:
    """A case whose bundle, moment, memory and tap are those of others."""
    case = random.choice(cases)
    others = {key: random.choice(cases)[key] for key in ("bundle", "memory") if random.random() < 0.4}
    at = datetime.fromisoformat(str(case["at"])) + timedelta(seconds=random.choice([0, 0, 0, 31, -61, 14_401, -700]))
    tap: Any = case["tap"]
    tapped = at + timedelta(seconds=random.choice([0, 0, 0, -600, -601, 120, 121]))
    changed = {
        "at": tapped.isoformat(),
        "companions": random.choice([0, 1, 2]),
        "place": random.choice([tap["place"], None, "bus-1", "tram-7", "office", "nowhere"]),
        "gross": random.choice([tap["gross"], "0", "2.0001"]),
    }
    return {**case, **others, "at": at.isoformat(), "tap": {**tap, **changed}}
