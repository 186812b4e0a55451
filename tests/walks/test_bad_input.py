"""Whatever a stranger or a broken terminal puts in is answered clearly, and nothing is written wrongly."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from amis.intake.api import EVENTS
from amis.issuing.store import ISSUER
from amis.kernel import clock
from amis.kernel.ids import new_id
from amis.kernel.keys import keystore
from cards import base45, cose
from cards.credential import mint_static, new_cti
from rules.reason import Reason
from sync import signature
from sync.message import BATCHED
from tests.town import Site, needy
from tests.walks import ledger
from tests.walks.machines import JSON, TAPS, bearer, post, tap

PAIR, FORM = "/machine/v1/pair", "application/x-www-form-urlencoded"
SPRING = date(2026, 3, 1), date(2026, 5, 31)
HUGE = 60_000_000
"""Bytes of a body that nobody sends in earnest."""
REFUSED = {"notice_arrival": 1, "quarantine": 1}
"""What a refused event leaves: it is kept, itself a leaf of the audit tree, nobody is enrolled and no fact recorded."""


@dataclass(slots=True)
class Door:
    """A paired terminal's bearer at a site where one person holds a valid code."""

    site: Site
    bearer: str
    shown: str
    seq: int = 0

    async def verdict(self, token: str) -> tuple[str, str]:
        """The verdict and the reason for something shown."""
        self.seq += 1
        answer = await post(self.site, self.bearer, tap(self.seq, token))
        assert answer.status_code == 200, answer.text
        return answer.json()["verdict"], answer.json()["reason"]

    async def refusal(self, body: bytes | dict[str, Any], content_type: str = "application/json") -> tuple[Any, ...]:
        """Status, code and pointer of a request that is refused."""
        return problem(await post(self.site, self.bearer, body, content_type))


def problem(answer: httpx.Response) -> tuple[Any, ...]:
    """Status, code and pointer of a problem (RFC 9457), which always has a title and the request's id."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert (told["status"], bool(told["title"])) == (answer.status_code, True)
    assert told["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, told["code"], told.get("pointer")


@pytest.fixture
async def door(site: Site) -> AsyncIterator[Door]:
    now = clock.now()
    with clock.moved(now):
        await site.states(needy("R1", 1, date(2026, 3, 1), None))
        _, shown = await site.issue()
        yield Door(site, await bearer(site), shown)


@dataclass(frozen=True, slots=True)
class Forger:
    """Signs with a key of its own under any name."""

    kid: bytes
    key: ec.EllipticCurvePrivateKey
    algorithm: int = cose.ESP256

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def mint(self) -> str:
        now = datetime.now(UTC)
        ends = now + timedelta(days=1)
        rights = [(1, ends.date())]
        return mint_static(self, status=0, rights=rights, cti=new_cti(), issued=now, expires=ends)


def altered(shown: str) -> list[str]:
    """The text with one bit of each of its bytes changed in turn."""
    data = base45.decode(shown[4:])
    flipped = (bytes([*data[:place], data[place] ^ 1, *data[place + 1 :]]) for place in range(len(data)))
    return ["AM1:" + base45.encode(changed) for changed in flipped]


async def test_what_is_no_code_is_unreadable_and_leaves_a_denial_each(door: Door) -> None:
    before = await ledger.rows(door.site)
    strange = ["AM1:", "AM1:abc", "AM1:!", "AM0:0000000000000000", "AM2:" + door.shown[4:], "HELLO", "🎫", "x" * 700]
    strange += [door.shown[:-1], door.shown + "0", door.shown.lower(), " " + door.shown, "AM1:" + "A" * 696]
    found = {text: await door.verdict(text) for text in strange}
    assert set(found.values()) == {("DENY", "MALFORMED")}, found
    assert await ledger.added(door.site, before) == {"audit": len(strange), "tap_key": len(strange)}


async def test_a_forged_code_is_told_from_one_of_an_unknown_issuer(door: Door) -> None:
    before = await ledger.rows(door.site)
    key = ec.generate_private_key(ec.SECP256R1())
    stranger = Forger(cose.key_id(key.public_key()), key)
    forger = Forger(keystore().public(ISSUER + "JLG").kid, key)
    assert await door.verdict(stranger.mint()) == ("DENY", Reason.UNKNOWN_KEY.name)
    assert await door.verdict(forger.mint()) == ("DENY", Reason.BAD_SIGNATURE.name)
    assert await ledger.added(door.site, before) == {"audit": 2, "tap_key": 2}


async def test_no_bit_of_a_code_can_be_changed(door: Door) -> None:
    before = await ledger.rows(door.site)
    changed = altered(door.shown)
    found = [await door.verdict(text) for text in changed]
    assert {verdict for verdict, _ in found} == {"DENY"}
    assert {reason for _, reason in found} <= {"MALFORMED", "UNKNOWN_KEY", "BAD_SIGNATURE"}
    assert await ledger.added(door.site, before) == {"audit": len(changed), "tap_key": len(changed)}
    assert (await door.verdict(door.shown))[0] == "ACCEPT"


async def test_a_tap_that_does_not_fit_is_told_with_its_place_and_not_recorded(door: Door) -> None:
    before = await ledger.rows(door.site)
    unfit: dict[str, tuple[str | None, Any]] = {
        "unknown field": ("/x", {"x": 1}),
        "negative gross": ("/gross", {"gross": "-0.85"}),
        "gross as a number": ("/gross", {"gross": 0.85}),
        "gross with a comma": ("/gross", {"gross": "0,85"}),
        "at without a zone": ("/at", {"at": "2026-05-01T10:00:00"}),
        "at on no day": ("/at", {"at": "2026-02-30T10:00:00Z"}),
        "negative seq": ("/seq", {"seq": -1}),
        "seq too large": ("/seq", {"seq": 2**53}),
        "seq as a truth": ("/seq", {"seq": True}),
        "too many companions": ("/companions", {"companions": 10}),
        "oversized code": ("/token", {"token": "x" * 701}),
        "empty code": ("/token", {"token": ""}),
        "a number for a code": ("/token", {"token": 7}),
        "two things shown": ("/token", {"token": {"qr": "a", "card": {"number": "b"}}}),
        "product with a space": ("/product", {"product": "a b"}),
    }
    found = {name: await door.refusal(tap(1, door.shown) | changed) for name, (_, changed) in unfit.items()}
    assert found == {name: (422, "invalid", pointer) for name, (pointer, _) in unfit.items()}
    unknown = await door.refusal(tap(1, door.shown, place="NEKUR"))
    assert unknown == (422, "place_unknown", "/place")
    assert await ledger.added(door.site, before) == {}


async def test_a_body_that_is_no_strict_json_is_refused_as_a_whole(door: Door) -> None:
    before = await ledger.rows(door.site)
    good = json.dumps(tap(1, door.shown)).encode()
    bodies = {
        "cut off": good[:-3],
        "empty": b"",
        "NaN": good.replace(b'"0.85"', b"NaN"),
        "the same name twice": good[:-1] + b',"seq":2}',
        "half of a surrogate pair": good.replace(b'"0.85"', b'"\\ud800"'),
        "NUL": good.replace(b'"0.85"', b'"0.85\\u0000"'),
        "no UTF-8": good[:-1] + b"\xff}",
        "a byte order mark": b"\xef\xbb\xbf" + good,
        "deep brackets": b'{"seq":' * 9000,
    }
    found = {name: (await door.refusal(body))[:2] for name, body in bodies.items()}
    assert found == dict.fromkeys(bodies, (400, "malformed"))
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert (await door.refusal(good, content_type))[:2] == (415, "unsupported_media")
    assert await ledger.added(door.site, before) == {}


async def test_a_number_used_for_another_request_is_told_and_the_first_answer_stands(door: Door) -> None:
    first = tap(1, door.shown)
    answered = await post(door.site, door.bearer, first)
    before = await ledger.rows(door.site)
    assert await door.refusal(first | {"gross": "9.00"}) == (422, "sequence_reused", "/seq")
    assert (await post(door.site, door.bearer, first)).content == answered.content
    assert await ledger.added(door.site, before) == {}


async def test_a_stranger_cannot_tap(door: Door) -> None:
    before = await ledger.rows(door.site)
    found = {name: problem(await post(door.site, name, tap(1, door.shown)))[:2] for name in ("", "x", "x" * 5000)}
    assert found == {
        "": (401, "unauthenticated"),
        "x": (401, "terminal_unknown"),
        "x" * 5000: (401, "terminal_unknown"),
    }
    assert await ledger.added(door.site, before) == {}


async def test_unknown_and_reversed_notices_are_kept_and_told_and_the_good_ones_beside_them_applied(site: Site) -> None:
    def changed(record: str, **data: Any) -> dict[str, Any]:
        event = needy(record, 1, *SPRING)
        return event | {"data": event["data"] | data}

    cases = {
        "status.unknown /data/status": changed("B1", status="NEZINAMS"),
        "valid.reversed /data/valid_to": changed("B2", valid_from="2026-06-01"),
        "person_code.invalid /data/person/code": changed("B3", person={"code": "32345678901x"}),
        "op.unknown /data/op": changed("B4", op="delete"),
        "version.invalid /data/version": changed("B5", version=0),
        "record_id.missing /data/record_id": changed("B6", record_id=""),
        "valid_from.invalid /data/valid_from": changed("B7", valid_from="2026-02-30"),
        "schema.unsupported /data/extra": changed("B8", extra=1),
        "source.not_authoritative /source": needy("B9", 1, *SPRING) | {"source": "sopa/riga"},
        "schema.unsupported /type": needy("B10", 1, *SPRING) | {"type": "status.fact.v9"},
    }
    before = await ledger.rows(site)
    events = [*cases.values(), needy("GOOD", 1, *SPRING)]
    lines = (await site.notice(events)).json()["verdicts"]
    *refused, good = lines
    assert [f"{line['error']['code']} {line['error']['pointer']}" for line in refused] == list(cases)
    assert {line["verdict"] for line in refused} == {"rejected"}
    assert (good["verdict"], good["error"]) == ("applied", None)
    grown = await ledger.added(site, before)
    assert {name: grown[name] for name in ("person", "fact", "notice", "notice_arrival", "quarantine")} == {
        "person": 1,
        "fact": 1,
        "notice": 1,
        "notice_arrival": len(events),
        "quarantine": len(cases),
    }


async def test_a_withdrawal_about_a_stranger_enrols_nobody_and_holds_back_the_older_word(site: Site) -> None:
    before = await ledger.rows(site)
    assert await site.states(needy("R1", 2, *SPRING, op="withdraw")) == ["applied"]
    assert await site.states(needy("R1", 1, *SPRING)) == ["stale"]
    assert await ledger.added(site, before) == {"notice": 1, "notice_arrival": 2}


async def test_a_message_that_cannot_be_trusted_leaves_nothing_and_one_that_cannot_be_read_its_sealed_bytes(
    site: Site,
) -> None:
    before = await ledger.rows(site)
    event = needy("R1", 1, *SPRING)
    forged = await site.notice([event], key="whsec_" + "A" * 44)
    assert problem(forged)[:2] == (401, "signature_refused")
    with clock.moved(clock.now() - timedelta(hours=1)):
        old = await _signed(site, json.dumps([event]).encode(), at=clock.now() + timedelta(hours=1))
    assert problem(old)[:2] == (401, "signature_refused")
    unreadable = {
        (400, "body_unreadable"): [
            b"",
            b"{",
            b'[{"id":NaN}]',
            b'[{"id":"a","id":"b"}]',
            b'["\\ud800"]',
            b'["\\u0000"]',
        ],
        (413, "batch_too_large"): [json.dumps([event] * 1001).encode()],
        (413, "too_large"): [b"[" + b" " * 1_100_000 + b"]"],
    }
    for expected, bodies in unreadable.items():
        for body in bodies:
            assert problem(await _signed(site, body))[:2] == expected, body[:40]
    assert problem(await _signed(site, b"[]", "text/plain"))[:2] == (415, "not_cloudevents")
    assert await ledger.added(site, before) == {"quarantine": len(unreadable[(400, "body_unreadable")])}


async def _signed(site: Site, body: bytes, content_type: str = BATCHED, at: datetime | None = None) -> httpx.Response:
    keys = [signature.signing_key(site.town.sender_key)]
    headers = signature.sign(keys, f"msg_{new_id().hex}", at or clock.now(), body) | {"content-type": content_type}
    return await site.http.post(f"{site.url}{EVENTS}", content=body, headers=headers)


@pytest.mark.parametrize(("path", "kind"), [(TAPS, JSON), (EVENTS, BATCHED), (PAIR, JSON), ("/sign-in", FORM)])
async def test_a_huge_body_is_refused_while_it_comes_in(site: Site, path: str, kind: str) -> None:
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(site.url).netloc}", "Authorization: Bearer x"]
    head = "\r\n".join([*lines, "Sec-Fetch-Site: same-origin", f"Content-Type: {kind}"])
    before, resident = await ledger.rows(site), _resident()
    declared, _ = await _pushed(site, f"{head}\r\nContent-Length: {HUGE}\r\n\r\n", b"")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    streamed, sent = await _pushed(site, f"{head}\r\nTransfer-Encoding: chunked\r\n\r\n", chunk)
    assert (declared, streamed) == (413, 413)
    assert sent < HUGE / 4
    assert _resident() - resident < HUGE / 2
    assert await ledger.added(site, before) == {}


async def _pushed(site: Site, head: str, piece: bytes) -> tuple[int, int]:
    """Sends pieces until an answer comes; the answer's status and how many bytes were taken till then."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(site.url).port)
    writer.write(head.encode())
    answer, sent = asyncio.create_task(reader.readline()), 0
    while not answer.done() and sent < HUGE:
        writer.write(piece)
        sent += len(piece)
        await asyncio.wait([answer], timeout=0.001)
        await asyncio.wait([answer, asyncio.create_task(writer.drain())], return_when=asyncio.FIRST_COMPLETED)
    line = await asyncio.wait_for(answer, 10)
    writer.close()
    return int(line.split()[1]), sent


def _resident() -> int:
    """Bytes of memory that this process, the service with it, holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
