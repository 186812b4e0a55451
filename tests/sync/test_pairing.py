from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from sync.errors import MachineNotPaired, MachinePairedAlready, MachineRefused, ReceiverSilent
from sync.pairing import Machine, moved, pair
from tests.sync.machine_door import Laid

URL = "http://receiver"
PAIRED = {"machine_id": "m1", "pairing": 1, "fingerprint": "ab-cd"}


def http(*answers: httpx.Response | Exception) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=Laid(*answers))


async def paired(home: Path, *answers: httpx.Response | Exception) -> Machine:
    assert await pair(f"{URL}/", "code", home, http(httpx.Response(200, json=PAIRED))) == "ab-cd"
    return Machine(home, http(*answers))


async def test_a_paired_machine_gets_a_token_and_another_once_it_is_forgotten(tmp_path: Path) -> None:
    tokens = [httpx.Response(200, json={"access_token": name, "expires_in": 900}) for name in ("t1", "t2")]
    machine = await paired(tmp_path, *tokens)
    assert [await machine.headers(), await machine.headers()] == [{"authorization": "Bearer t1"}] * 2
    machine.forget()
    assert (machine.url, await machine.headers()) == (URL, {"authorization": "Bearer t2"})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401, json={"state": "new"}), MachineRefused),
        (httpx.Response(503), ReceiverSilent),
        (httpx.ConnectError("no route"), ReceiverSilent),
    ],
)
async def test_a_refusal_is_told_apart_from_silence(
    tmp_path: Path, answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await (await paired(tmp_path, answer)).headers()


async def test_pairing_happens_once_and_may_be_refused(tmp_path: Path) -> None:
    with pytest.raises(MachineRefused):
        await pair(URL, "code", tmp_path, http(httpx.Response(404)))
    with pytest.raises(ReceiverSilent):
        await pair(URL, "code", tmp_path, http(httpx.ConnectError("no route")))
    with pytest.raises(MachineNotPaired):
        Machine(tmp_path, http())
    await paired(tmp_path)
    with pytest.raises(MachinePairedAlready):
        await paired(tmp_path)


async def test_the_receiver_may_get_another_address(tmp_path: Path) -> None:
    await paired(tmp_path)
    moved(tmp_path, "https://elsewhere/")
    assert Machine(tmp_path, http()).url == "https://elsewhere"
    assert json.loads((tmp_path / "pairing.json").read_text())["machine_id"] == "m1"
    with pytest.raises(MachineNotPaired):
        moved(tmp_path / "none", URL)
