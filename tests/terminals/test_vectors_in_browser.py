"""The golden vectors in the validator's JavaScript: every answer is the one that is written down."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from rules.shape import Json
from terminals.bundle.holding import Holding
from terminals.bundle.saved import load, save
from tests.cards.conftest import AT
from tests.terminals.bundle.publisher import MACHINE, ROOT_KEY
from tests.terminals.bundle.test_saved import Shelf
from tests.terminals.core_page import ask
from tests.terminals.vectors.bundles import CARDS, PLACES, held, taken
from tests.walks.counts import count

VECTORS = Path(__file__).parents[2] / "terminals" / "vectors"


def read(name: str) -> Any:
    return json.loads((VECTORS / name).read_text("utf-8"))


async def test_every_golden_decision_is_the_same(core: Page) -> None:
    cases = read("decision.json")
    found = await ask(core, "decisions", cases)
    wrong = [(case["name"], said) for case, said in zip(cases, found, strict=True) if said != case["decision"]]
    assert not wrong


async def test_every_golden_credential_is_judged_alike(core: Page) -> None:
    file = read("credentials.json")
    found = await ask(core, "credentials", file)
    assert found == [{key: case[key] for key in ("verified", "error") if key in case} for case in file["cases"]]


async def test_every_golden_bundle_is_taken_alike(core: Page) -> None:
    file = read("bundle.json")
    found = await ask(core, "bundles", file)
    assert found == [[step["then"] for step in case["steps"]] for case in file["cases"]]


async def test_every_golden_decision_without_a_connection_is_the_same(core: Page) -> None:
    file = read("offline.json")
    found = await ask(core, "offline", file)
    assert found == [{key: case[key] for key in ("evidence", "decision")} for case in file["cases"]]


async def test_a_bundle_is_kept_and_found_again_alike(core: Page) -> None:
    file = read("bundle.json")
    kept = [shelf_after(case["steps"]) for case in file["cases"]]
    written = [{name: content.hex() for name, content in shelf.items()} for shelf in kept]
    assert await ask(core, "shelves", file) == written
    damaged = [*kept, *(each for shelf in kept[:: count(test=5, check=1, deep=1)] for each in spoilt(shelf))]
    asked = {"shelves": [{name: content.hex() for name, content in shelf.items()} for shelf in damaged]}
    places = {"places": PLACES, "cards": [uid.hex() for uid in CARDS], "at": AT.isoformat()}
    found = await ask(core, "loaded", asked | places | {"root": file["root"], "machine": file["machine"]})
    expected = [held(load(shelf, ROOT_KEY.der, MACHINE), AT) | {"left": sorted(shelf)} for shelf in damaged]
    assert found == json.loads(json.dumps(expected))
    assert len({said["seq"] for said in found}) > 3


def shelf_after(steps: list[Json]) -> Shelf:
    holding, shelf = Holding(ROOT_KEY.der, MACHINE), Shelf()
    for step in steps:
        taken(holding, step)
        save(holding, shelf)
    return shelf


def spoilt(shelf: Shelf) -> Iterator[Shelf]:
    """The shelf with one content gone, or cut short."""
    for name, content in shelf.items():
        yield Shelf({other: kept for other, kept in shelf.items() if other != name})
        yield Shelf({**shelf, name: content[:-1]})
