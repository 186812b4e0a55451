"""The pages of providers and places."""

import httpx
import pytest

from tests.validating.conftest import FREE
from tests.validating.doors import OF_RIGA, READER, browser
from tests.validating.test_pages import words
from tests.validating.town import Town

PLACE = {"code": "BUS-7", "name": "7. autobuss", "mode": "bus", "zone": "city", "lat": "56,65", "lon": "23.71"}


@pytest.fixture
def page(town: Town) -> httpx.AsyncClient:
    return browser()


async def test_a_provider_is_registered_and_called_otherwise(page: httpx.AsyncClient, town: Town) -> None:
    made = await page.post("/providers", data={"code": "JLG-MUZ", "name": "Muzejs", "kind": "venue"})
    assert made.status_code == 303
    where = made.headers["location"].partition("?")[0]
    assert (await page.post(where, data={"provider-name": "Ģederta Eliasa muzejs"})).status_code == 303
    shown = words((await page.get("/providers")).text)
    assert "Ģederta Eliasa muzejs JLG-MUZ Venue 0 0 No" in shown
    assert "Jelgavas autobusu parks JAP Carrier 1 0 Yes" in shown


WRONG_PROVIDERS = (
    ({"code": "JAP", "name": "Cits", "kind": "venue"}, "This code is taken"),
    ({"code": "jap", "name": "Cits", "kind": "venue"}, "Enter 2 to 32 capital letters"),
    ({"code": "NEW", "name": "", "kind": "venue"}, "Enter a name of at most 120"),
    ({"code": "NEW", "name": "x" * 121, "kind": "venue"}, "Enter a name of at most 120"),
    ({"code": "NEW", "name": "Cits", "kind": "bank"}, "Choose what it is"),
)


async def test_what_is_wrong_with_a_provider_stands_beside_its_field(page: httpx.AsyncClient) -> None:
    for given, said in WRONG_PROVIDERS:
        answer = await page.post("/providers", data=given)
        assert (answer.status_code, answer.text.count(said)) == (422, 2), said
        assert given["name"] in answer.text


async def test_a_place_is_registered_and_changed_but_for_its_code(page: httpx.AsyncClient, town: Town) -> None:
    where = f"/providers/{town.provider}"
    assert (await page.post(f"{where}/places", data=PLACE)).status_code == 303
    assert "BUS-7 7. autobuss bus city routes 56.6500, 23.7100" in words((await page.get(where)).text)
    row = await (await town.db.execute("SELECT id FROM place WHERE code = 'BUS-7'")).fetchone()
    assert row is not None
    changed = PLACE | {"code": "OTHER", "name": "Septītais", "lat": "", "lon": "", "zone": ""}
    assert (await page.post(f"/places/{row[0]}", data=changed)).headers["location"].startswith(where)
    assert "BUS-7 Septītais bus – –" in words((await page.get(where)).text)
    trail = await town.db.execute("SELECT action FROM audit WHERE subject_kind = 'place' ORDER BY id")
    assert await trail.fetchall() == [("place.register",), ("place.change",)]


WRONG_PLACES = (
    ({"code": "BUS 7"}, "Enter 1 to 64 letters"),
    ({"code": "BUS-1"}, "This code is taken"),
    ({"name": "a\x07"}, "Enter a name"),
    ({"mode": ""}, "Choose what kind of place"),
    ({"zone": "moon"}, "Choose one of the zones"),
    ({"lat": "91"}, "Enter degrees"),
    ({"lon": ""}, "Enter degrees"),
    ({"lat": "nan"}, "Enter degrees"),
    ({"lat": "1e999"}, "Enter degrees"),
)


async def test_what_is_wrong_with_a_place_stands_beside_its_field(page: httpx.AsyncClient, town: Town) -> None:
    for wrong, said in WRONG_PLACES:
        answer = await page.post(f"/providers/{town.provider}/places", data=PLACE | wrong)
        assert (answer.status_code, answer.text.count(said)) == (422, 2), wrong


async def test_a_place_keeps_the_words_that_it_was_given_before_there_was_a_list(
    page: httpx.AsyncClient, town: Town
) -> None:
    await town.db.execute("UPDATE place SET mode = 'ferry', zone = 'delta' WHERE id = %s", (town.place,))
    shown = (await page.get(f"/places/{town.place}")).text
    assert '<option value="ferry" selected>' in shown
    assert '<option value="delta" selected>' in shown
    changed = PLACE | {"mode": "ferry", "zone": "delta"}
    assert (await page.post(f"/places/{town.place}", data=changed)).status_code == 303
    assert "ferry delta" in words((await page.get(f"/providers/{town.provider}")).text)


async def test_it_begins_and_stops_taking_what_is_ours_alone(page: httpx.AsyncClient, town: Town) -> None:
    concession = await town.add_concession("NEEDY", FREE)
    where = f"/providers/{town.provider}"
    assert (await page.post(f"{where}/stop", data={"concession": "all"})).status_code == 303
    assert "Until it does, its terminals refuse every token." in (await page.get(where)).text
    assert (await page.post(f"{where}/accept", data={"concession": str(concession)})).status_code == 303
    again = await page.post(f"{where}/accept", data={"concession": str(concession)})
    assert again.text.count("This is already registered.") == 2
    assert "Jelgava NEEDY NEEDY Stop NEEDY" in words((await page.get(where)).text)
    async with browser(OF_RIGA) as stranger:
        assert "Jelgava one concession" in words((await stranger.get(where)).text)
        assert "/stop" not in (await stranger.get(where)).text
        refused = await stranger.post(f"{where}/stop", data={"concession": str(concession)})
    assert (refused.status_code, refused.text.count("Choose one of your municipality")) == (422, 2)


async def test_places_are_found_and_paged(page: httpx.AsyncClient, town: Town) -> None:
    await town.db.execute(
        "INSERT INTO place (id, provider_id, code, name, mode)"
        " SELECT uuidv7(), %s, 'S-' || lpad(n::text, 3, '0'), 'Pietura ' || n, 'bus' FROM generate_series(1, 60) AS n",
        (town.provider,),
    )
    where = f"/providers/{town.provider}"
    assert "S-049" in (first := (await page.get(where)).text)
    assert "S-060" not in first
    assert "S-060" in (await page.get(f"{where}?page=2")).text
    found = (await page.get(f"{where}?find=pietura 6")).text
    assert "S-060" in found
    assert "S-050" not in found
    assert "No such places" in (await page.get(f"{where}?find=%25")).text


async def test_who_only_reads_sees_no_form(town: Town) -> None:
    async with browser(READER) as reader:
        for path in ("/providers", f"/providers/{town.provider}"):
            assert 'method="post" action="/p' not in (await reader.get(path)).text


async def test_unknown_providers_and_places_are_not_found(page: httpx.AsyncClient) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    for path in (f"/providers/{nobody}", f"/places/{nobody}"):
        assert (await page.get(path)).status_code == 404
    assert (await page.post(f"/providers/{nobody}/places", data=PLACE)).status_code == 404
    assert (await page.post(f"/providers/{nobody}/accept", data={"concession": "all"})).status_code == 404
