"""The bundle: signed, taken by our own terminal's rules of trust, and what has changed told in order."""

import base64
import json

import httpx

from cards.errors import CardsError
from terminals import clock
from terminals.bundle.errors import SignerUnknown
from terminals.bundle.holding import Holding
from terminals.bundle.manifest import Part
from terminals.conformance.backend import Backend
from terminals.conformance.clause import Broken, NotTried, expect, part
from terminals.errors import TerminalError
from terminals.fetch import deltas

BUNDLES = part("D")
_MANIFEST, _CHANGES, _PRESENCE = "/terminal/v1/manifest", "/terminal/v1/changes", "/terminal/v1/presence"
_LONGEST_WAIT = 30


async def _bundle(backend: Backend) -> Holding:
    """The whole bundle of now, fetched and taken part by part."""
    assert backend.pairing is not None
    if not backend.pairing.root:
        raise NotTried("a root key in the answer to the pairing")
    root = base64.urlsafe_b64decode(backend.pairing.root + "==")
    try:
        return await _taken(backend, Holding(root, backend.pairing.machine_id))
    except (TerminalError, CardsError) as error:
        raise Broken(str(error)) from error


async def _taken(backend: Backend, holding: Holding) -> Holding:
    manifest = (await _get(backend, _MANIFEST)).content
    try:
        holding.update_manifest(manifest, clock.now())
    except SignerUnknown:
        holding.update_trust(await _part(backend, holding.named_trust(manifest)), clock.now())
        holding.update_manifest(manifest, clock.now())
    while missing := holding.missing():
        holding.update_part(missing[0], await _part(backend, missing[0]), clock.now())
    return holding


async def _part(backend: Backend, named: Part) -> bytes:
    expect(named.href.startswith("/"), f"{named.href} is no path at the backend")
    return (await _get(backend, named.href)).content


async def _get(backend: Backend, path: str) -> httpx.Response:
    answer = await backend.get(path)
    expect(answer.status_code == 200, f"{path}: {answer.status_code}")
    return answer


@BUNDLES.clause(1, "The manifest and every part that it names are signed, whole and as named.")
async def _whole(backend: Backend) -> None:
    holding = await _bundle(backend)
    expect(holding.seq is not None and holding.policy is not None, "nothing is held after all parts were taken")


@BUNDLES.clause(2, "The policy names this terminal and the place where it is.")
async def _own_place(backend: Backend) -> None:
    holding = await _bundle(backend)
    expect(holding.place(None) is not None, "the terminal has no place")


@BUNDLES.clause(3, "The manifest has an ETag, and is not sent again to who has it (304).")
async def _etag(backend: Backend) -> None:
    first = await _get(backend, _MANIFEST)
    expect("etag" in first.headers, "no ETag")
    again = await backend.get(_MANIFEST, None, **{"if-none-match": first.headers["etag"]})
    expect(again.status_code == 304, again.status_code)


@BUNDLES.clause(4, "A part that no manifest names is 404.")
async def _unnamed(backend: Backend) -> None:
    answer = await backend.get(f"/terminal/v1/parts/{'0' * 64}")
    expect(answer.status_code == 404, answer.status_code)


@BUNDLES.clause(5, "Changes lead from the manifest to the present without a gap; then there are none (204).")
async def _changes(backend: Backend) -> None:
    holding = await _bundle(backend)
    for _ in range(100):
        answer = await backend.get(_CHANGES, {"since": holding.seq or 0, "wait": 0})
        if answer.status_code == 204:
            return
        expect(answer.status_code == 200, answer.status_code)
        await _applied(backend, holding, answer.content)
    raise Broken("changes without an end")


async def _applied(backend: Backend, holding: Holding, content: bytes) -> None:
    try:
        for delta in deltas(content):
            holding.apply_delta(delta, clock.now())
            while missing := holding.missing():
                holding.update_part(missing[0], await _part(backend, missing[0]), clock.now())
    except (TerminalError, CardsError) as error:
        raise Broken(str(error)) from error


@BUNDLES.clause(6, "A number that was never given is 410, one that is none is 422, and so is a wait beyond 30 seconds.")
async def _numbers(backend: Backend) -> None:
    for asked, status in (({"since": 2**52}, 410), ({"since": "x"}, 422), ({"since": 0, "wait": 31}, 422)):
        answer = await backend.get(_CHANGES, asked)
        expect(answer.status_code == status, f"{asked}: {answer.status_code}")


@BUNDLES.clause(7, "What a terminal holds is taken, and it is told the time.")
async def _presence(backend: Backend) -> None:
    holding = await _bundle(backend)
    said = {"held": holding.seq, "hash": (holding.hash or b"").hex(), "at": clock.now().isoformat()}
    content = said | {"journal": None, "waiting": 0, "software": "conformance"}
    answer = await backend.post(_PRESENCE, json.dumps(content).encode())
    expect(answer.status_code == 200 and {"now", "skew_ms"} <= set(answer.json()), answer.text[:200])


@BUNDLES.clause(8, "Without a bearer token nothing of it is given (401).")
async def _nobody(backend: Backend) -> None:
    for path in (_MANIFEST, _CHANGES + "?since=0"):
        answer = await backend.get(path, authorization="Bearer nobody")
        expect(answer.status_code == 401, f"{path}: {answer.status_code}")
