"""What a terminal let happen is recorded exactly once, and what the register says otherwise becomes a conflict."""

import asyncio
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from psycopg import AsyncConnection
from psycopg.errors import SerializationFailure

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import close_engine, transaction
from amis.validating.claims import KnownTerms
from amis.validating.lines import read
from amis.validating.upload import Upload
from amis.validating.upload_store import OWN, Bearer, claims, write
from amis.validating.uploading import A_PIECE, Uploads
from tests.validating.conftest import FREE, Send, body_of
from tests.validating.journal import Journal, journal, whose
from tests.validating.town import Town, credential_of

MONTH = {"n": 2, "per": "month"}
HALF = {"kind": "percent", "value": "50"}


@pytest.fixture
async def bus(town: Town, client: httpx.AsyncClient) -> Journal:
    return await journal(town, client)


async def rows(db: AsyncConnection, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    return await (await db.execute(statement, values)).fetchall()


async def conflicts(town: Town) -> list[tuple[Any, ...]]:
    return await rows(town.db, "SELECT kind, seq, use_id IS NOT NULL FROM conflict ORDER BY seq, kind")


async def uses(town: Town) -> list[tuple[Any, ...]]:
    return await rows(town.db, "SELECT seq, verdict, reason, payable::text, quota_units FROM use ORDER BY seq, id")


async def test_a_ride_is_recorded_as_the_terminal_says_it(town: Town, bus: Journal) -> None:
    ride = await town.add_concession("NEEDY", HALF, MONTH)
    holder = await town.add_holder(ride)
    bus.accepted(whose(holder), ride, payable="0.4250")
    bus.denied()
    first, second = await bus.send()
    assert first == {"seq": 1, "outcome": "recorded", "use": first["use"], "conflicts": []}
    assert second == {"seq": 2, "outcome": "recorded", "use": None, "conflicts": []}
    assert await uses(town) == [(1, "ACCEPT", "OK", "0.4250", 1)]
    assert await rows(town.db, "SELECT used, lim FROM quota_counter") == [(1, 2)]
    denied = await rows(town.db, "SELECT reason, after ->> 'seq' FROM audit WHERE action = 'tap.deny'")
    assert denied == [("NO_ENTITLEMENT", "2")]
    assert await conflicts(town) == []


async def test_the_same_lines_again_are_known_and_nothing_is_recorded_twice(town: Town, bus: Journal) -> None:
    ride = await town.add_concession("NEEDY", FREE, MONTH)
    holder = await town.add_holder(ride)
    for _ in range(3):
        bus.accepted(whose(holder), ride)
    first, again = await bus.send(), await bus.send()
    assert [told["conflicts"] for told in again] == [[], [], ["overspent"]]
    assert again == [told | {"outcome": "known"} for told in first]
    assert len(await uses(town)) == 3
    assert await rows(town.db, "SELECT count(*) FROM conflict") == [(1,)]


async def test_a_counter_never_passes_its_limit(town: Town, bus: Journal) -> None:
    ride = await town.add_concession("NEEDY", FREE, MONTH)
    holder = await town.add_holder(ride)
    for _ in range(4):
        bus.accepted(whose(holder), ride)
    told = await bus.send()
    assert [one["conflicts"] for one in told] == [[], [], ["overspent"], ["overspent"]]
    assert await rows(town.db, "SELECT used, lim FROM quota_counter") == [(2, 2)]
    assert [units for *_, units in await uses(town)] == [1, 1, 0, 0]
    found = await rows(town.db, "SELECT detail -> 'found' ->> 'missing' FROM conflict")
    assert found == [("1",), ("1",)]


async def test_an_unknown_token_and_a_right_that_is_gone_are_recorded_and_flagged(town: Town, bus: Journal) -> None:
    ride, other = await town.add_concession("NEEDY", FREE), await town.add_concession("OTHER", FREE)
    holder = await town.add_holder(ride)
    bus.accepted({"status": 1 << 17 | 9999}, ride)
    bus.accepted(whose(holder), other)
    bus.accepted(whose(holder), ride, payable="0.1000")
    bus.accepted(whose(holder), ride, place="NOWHERE")
    told = await bus.send()
    kinds = [["unknown_token"], ["right_gone"], ["right_gone"], ["right_gone"]]
    assert [one["conflicts"] for one in told] == kinds
    assert all(one["use"] for one in told)
    assert len(await uses(town)) == 4
    found = await rows(town.db, "SELECT detail -> 'found' ->> 'payable' FROM conflict WHERE seq = 3")
    assert found == [("0.0000",)]


async def test_a_concession_that_nobody_knows_leaves_a_conflict_without_a_use(town: Town, bus: Journal) -> None:
    holder = await town.add_holder()
    bus.accepted(whose(holder), holder.person)
    told = await bus.send()
    assert told == [{"seq": 1, "outcome": "recorded", "use": None, "conflicts": ["right_gone"]}]
    assert await bus.send() == [told[0] | {"outcome": "known"}]


async def test_what_everybody_may_use_names_no_person(town: Town, bus: Journal) -> None:
    ride = await town.add_concession("ALL", FREE, terms={"universal": True})
    bus.accepted(None, ride)
    assert (await bus.send())[0]["conflicts"] == []
    assert await rows(town.db, "SELECT person_id, token_id, municipality_id FROM use") == [(None, None, 2)]


@pytest.mark.parametrize(
    ("off", "kept"),
    [(timedelta(minutes=5), False), (timedelta(days=366), False), (timedelta(days=-60), True)],
)
async def test_a_wrong_clock_is_flagged_and_counts_on_the_day_of_the_upload_where_it_cannot_be_right(
    town: Town, bus: Journal, off: timedelta, kept: bool
) -> None:
    ride = await town.add_concession("NEEDY", FREE)
    holder = await town.add_holder(ride)
    said = clock.now() + off
    bus.accepted(whose(holder), ride, at=said.isoformat())
    assert (await bus.send())[0]["conflicts"] == ["clock"]
    ((at, recorded),) = await rows(town.db, "SELECT at, recorded_at FROM use")
    assert at == (said if kept else recorded)


async def test_a_tap_long_ago_beyond_any_doubt_counts_on_the_day_of_its_upload(town: Town, bus: Journal) -> None:
    bus.denied(at="0001-01-01T00:00:00+00:00")
    bus.denied(at="9999-12-31T23:59:59+00:00")
    assert [told["conflicts"] for told in await bus.send()] == [["clock"], ["clock"]]


async def test_the_same_token_elsewhere_a_moment_before_is_a_conflict(
    town: Town, bus: Journal, client: httpx.AsyncClient
) -> None:
    ride = await town.add_concession("NEEDY", FREE, terms={"pass_back_seconds": 60})
    holder = await town.add_holder(ride)
    bus.accepted(whose(holder), ride)
    await bus.send()
    other = await journal(town, client)
    early, late = (clock.now() - timedelta(seconds=after) for after in (30, 90))
    other.accepted(whose(holder), ride, at=early.isoformat())
    other.accepted(whose(holder), ride, at=late.isoformat())
    assert [told["conflicts"] for told in await other.send()] == [["pass_back"], []]


async def test_a_picture_too_far_away_too_soon_is_a_conflict(
    town: Town, bus: Journal, client: httpx.AsyncClient
) -> None:
    ride = await town.add_concession("NEEDY", FREE)
    holder, far = await town.add_holder(ride), await town.add_place("FAR", at=(56.66, 23.72))
    here = await town.add_place("HERE", at=(56.65, 23.71))
    first, second = await journal(town, client, here), await journal(town, client, far)
    first.accepted(whose(holder), ride)
    await first.send()
    second.accepted(whose(holder), ride)
    second.accepted(whose(holder), ride, proof="chip")
    assert [told["conflicts"] for told in await second.send()] == [["two_places"], []]


async def test_a_presentation_is_taken_once_whether_online_or_not(
    town: Town, bus: Journal, client: httpx.AsyncClient
) -> None:
    ride = await town.add_concession("NEEDY", FREE)
    shown = whose(await town.add_holder(ride)) | {"presented": int(clock.now().timestamp())}
    bus.accepted(shown, ride, proof="device")
    assert (await bus.send())[0]["conflicts"] == []
    other = await journal(town, client)
    other.accepted(shown, ride, proof="device")
    later = shown | {"presented": shown["presented"] + 15}
    for _ in range(2):
        other.accepted(later, ride, proof="device")
    assert [told["conflicts"] for told in await other.send()] == [["replayed"], [], ["replayed"]]


async def answered(bus: Journal, send: Send, token: str) -> tuple[dict[str, Any], str]:
    """A tap that the service answered while the terminal never saw it; the answer and the request's digest."""
    body = body_of(bus.terminal, token)
    return (await send(bus.terminal, body)).json(), sha256(json.dumps(body).encode()).hexdigest()


async def test_an_answer_that_was_never_seen_and_agrees_is_known(town: Town, bus: Journal, send: Send) -> None:
    ride = await town.add_concession("NEEDY", FREE, MONTH)
    holder = await town.add_holder(ride)
    given, sha = await answered(bus, send, credential_of(holder, clock.now()))
    bus.accepted(whose(holder), ride, seq=1, sha=sha)
    assert await bus.send() == [{"seq": 1, "outcome": "known", "use": given["use"], "conflicts": []}]
    assert len(await uses(town)) == 1


async def test_the_terminals_denial_stands_over_an_answer_it_never_saw(town: Town, bus: Journal, send: Send) -> None:
    ride = await town.add_concession("NEEDY", FREE, MONTH)
    holder = await town.add_holder(ride)
    given, sha = await answered(bus, send, credential_of(holder, clock.now()))
    bus.denied(whose(holder), seq=1, sha=sha, reason="ONLINE_REQUIRED")
    told = await bus.send()
    assert told == [{"seq": 1, "outcome": "recorded", "use": None, "conflicts": ["answered_twice"]}]
    assert await bus.send() == [told[0] | {"outcome": "known", "use": given["use"]}]
    assert await rows(town.db, "SELECT sum(discount)::text, count(*) FROM use") == [("0.0000", 2)]
    assert await rows(town.db, "SELECT used FROM quota_counter") == [(0,)]
    assert await rows(town.db, "SELECT use_id::text FROM conflict") == [(given["use"],)]


async def test_the_terminals_ride_stands_over_a_denial_it_never_saw(town: Town, bus: Journal, send: Send) -> None:
    ride = await town.add_concession("NEEDY", FREE, MONTH)
    holder = await town.add_holder(ride, state="blocked")
    given, sha = await answered(bus, send, credential_of(holder, clock.now()))
    assert given["verdict"] == "DENY"
    bus.accepted(whose(holder), ride, seq=1, sha=sha)
    told = await bus.send()
    assert told[0]["conflicts"] == ["answered_twice", "revoked_at_time"]
    assert await uses(town) == [(1, "ACCEPT", "OK", "0.0000", 1)]
    # the same request online is now answered as the terminal decided it
    body = await rows(town.db, "SELECT answer FROM tap_key")
    assert json.loads(body[0][0])["use"] == told[0]["use"]


async def test_another_price_than_the_answer_that_was_never_seen_takes_its_place(
    town: Town, bus: Journal, send: Send
) -> None:
    ride = await town.add_concession("NEEDY", HALF, {"n": 1, "per": "month"})
    holder = await town.add_holder(ride)
    given, sha = await answered(bus, send, credential_of(holder, clock.now()))
    bus.accepted(whose(holder), ride, seq=1, sha=sha, payable="0.0000")
    told = await bus.send()
    assert told[0]["conflicts"] == ["answered_twice", "right_gone"]
    assert told[0]["use"] != given["use"]
    assert [row[1:4] for row in await uses(town)] == [
        ("ACCEPT", "OK", "0.4250"),
        ("REVERSED", "OK", "-0.4250"),
        ("ACCEPT", "OK", "0.0000"),
    ]
    assert await rows(town.db, "SELECT used FROM quota_counter") == [(1,)]


async def test_a_unit_that_comes_back_with_a_denial_is_free_for_the_next_ride(
    town: Town, bus: Journal, send: Send
) -> None:
    ride = await town.add_concession("NEEDY", FREE, {"n": 1, "per": "month"})
    holder = await town.add_holder(ride)
    _, sha = await answered(bus, send, credential_of(holder, clock.now()))
    bus.denied(whose(holder), seq=1, sha=sha, reason="ONLINE_REQUIRED")
    bus.accepted(whose(holder), ride)
    bus.accepted(whose(holder), ride)
    assert [told["conflicts"] for told in await bus.send()] == [["answered_twice"], [], ["overspent"]]
    assert await rows(town.db, "SELECT used FROM quota_counter") == [(1,)]


async def test_another_request_under_the_same_number_is_refused(town: Town, bus: Journal, send: Send) -> None:
    holder = await town.add_holder()
    await answered(bus, send, holder.number)
    bus.denied(seq=1)
    told = await bus.send()
    assert (told[0]["outcome"], told[0]["code"], told[0]["pointer"]) == ("refused", "sequence_reused", "/seq")


async def test_the_number_of_another_kind_of_request_is_none_of_a_tap(town: Town, bus: Journal, send: Send) -> None:
    ride = await town.add_concession("NEEDY", FREE, MONTH)
    holder = await town.add_holder(ride)
    await answered(bus, send, credential_of(holder, clock.now()))
    body = json.dumps({"seq": bus.terminal.next(), "use_seq": 1}).encode()
    assert (await send(bus.terminal, body, "/v1/validations/reverse")).status_code == 200
    bus.accepted(whose(holder), ride, seq=2, sha=sha256(body).hexdigest())
    bus.denied(seq=3)
    told = await bus.send()
    assert [(one["outcome"], one.get("code")) for one in told] == [("refused", "sequence_reused"), ("recorded", None)]


async def test_a_number_that_comes_twice_in_one_body_is_recorded_once(town: Town, bus: Journal) -> None:
    line = bus.denied()
    other = bus.denied(seq=1, sha="0" * 64)
    told = await bus.send(line, line, other)
    assert [one["outcome"] for one in told] == ["recorded", "known", "refused"]


async def test_lines_that_cannot_be_read_are_refused_alone(town: Town, bus: Journal) -> None:
    good = bus.denied()
    bad = [b"", b"\xff\xfe", good[:40], good[:-1] + b',"seq":2}', b'{"seq":7}', b"[]"]
    told = await bus.send(*bad, good)
    assert [one["outcome"] for one in told] == ["refused"] * len(bad) + ["recorded"]
    assert [one.get("code") for one in told[:-1]] == ["malformed"] * 4 + ["invalid"] * 2
    assert told[4]["seq"] == 7


async def test_a_broken_chain_is_flagged_and_recorded(town: Town, bus: Journal) -> None:
    lines = [bus.denied() for _ in range(4)]
    del lines[1]
    assert [told["conflicts"] for told in await bus.send(*lines)] == [[], ["journal_broken"], []]
    bus.lines.clear()
    bus.denied()
    assert [told["conflicts"] for told in await bus.send()] == [[]]


async def test_a_refused_line_does_not_break_the_chain(bus: Journal) -> None:
    lines = [bus.denied(), bus.denied(gross="a lot"), bus.denied()]
    assert [told["conflicts"] for told in await bus.send(*lines)] == [[], [], []]
    bus.denied()
    assert (await bus.send(*bus.lines))[-1]["conflicts"] == []


async def test_a_request_whose_lines_are_all_refused_does_not_break_the_chain(town: Town, bus: Journal) -> None:
    bus.denied(gross="a lot")
    assert [told["outcome"] for told in await bus.send()] == ["refused"]
    line, torn = bus.denied(), bus.denied(at="today")
    assert [told["conflicts"] for told in await bus.send(line)] == [[]]
    assert [told["outcome"] for told in await bus.send(torn)] == ["refused"]
    bus.denied()
    # refused ones that come once more lead nowhere
    await bus.send(bus.lines[0], torn)
    assert [told["conflicts"] for told in await bus.send(bus.lines[-1])] == [[]]


async def test_a_refused_line_that_is_not_the_next_of_the_chain_is_no_end_of_it(town: Town, bus: Journal) -> None:
    bus.denied()
    await bus.send()
    await bus.send(bus.denied(gross="a lot", prev="f" * 64))
    assert [told["conflicts"] for told in await bus.send(bus.denied())] == [["journal_broken"]]


async def test_a_number_that_is_refused_as_used_does_not_break_the_chain(town: Town, bus: Journal) -> None:
    first, reused, third = bus.denied(), bus.denied(seq=1, sha="0" * 64), bus.denied()
    await bus.send(first, reused)
    assert [told["conflicts"] for told in await bus.send(third)] == [[]]


async def test_an_upload_that_was_slower_does_not_lead_the_chain_back(town: Town, bus: Journal) -> None:
    refused, good = bus.denied(gross="a lot"), bus.denied()
    caller, known = Bearer(sha256(bus.terminal.bearer.encode()).hexdigest()), KnownTerms()

    async def slower() -> None:
        async with transaction(system("validating")) as tx:
            found = await claims(tx, caller, [None], known)
            upload = Upload(known, found[OWN][0], tx.at, "-")
            upload.compare(list(read([refused])), [None], {})
            await bus.send(refused, good)
            batch = upload.batch()
            assert batch is not None
            await write(tx, batch)

    with pytest.raises(SerializationFailure):
        await slower()
    assert [told["conflicts"] for told in await bus.send(bus.denied())] == [[]]


async def test_a_long_upload_is_taken_piece_by_piece(town: Town, bus: Journal) -> None:
    for _ in range(A_PIECE * 2 + 1):
        bus.denied()
    told = await bus.send()
    assert {one["outcome"] for one in told} == {"recorded"}
    assert [one["seq"] for one in told] == list(range(1, A_PIECE * 2 + 2))
    assert await conflicts(town) == []


async def test_bodies_that_are_no_upload_are_refused_whole(town: Town, bus: Journal) -> None:
    line = bus.denied()
    for body, media, status in (
        (b"", "application/x-ndjson", 422),
        ((line + b"\n") * 1001, "application/x-ndjson", 413),
        (line, "application/json", 415),
    ):
        assert (await bus.post(body, media)).status_code == status
    bus.terminal.bearer = "nobody"
    assert (await bus.post(line)).status_code == 401
    assert (await bus.post(b"no line")).status_code == 401
    assert await rows(town.db, "SELECT count(*) FROM tap_key") == [(0,)]


async def test_a_sampled_text_has_to_prove_its_line(town: Town, bus: Journal) -> None:
    ride = await town.add_concession("NEEDY", FREE)
    holder, other = await town.add_holder(ride), await town.add_holder(ride)
    now = clock.now()
    for who, shown in ((holder, holder), (other, holder)):
        seq = bus.terminal.seq + 1
        body = {"seq": seq, "token": credential_of(shown, now), "at": now.isoformat(), "gross": "0.85"}
        text = json.dumps(body)
        sha = sha256(text.encode()).hexdigest()
        bus.accepted(whose(who), ride, at=now.isoformat(), sha=sha, text=text)
    bus.accepted(whose(holder), ride, text="{}")
    told = await bus.send()
    assert [one["conflicts"] for one in told] == [[], ["journal_broken"], ["journal_broken"]]
    found = await rows(town.db, "SELECT detail -> 'found' ->> 'journal' FROM conflict ORDER BY seq")
    assert found == [("token",), ("sha",)]


async def test_the_same_lines_at_two_processes_at_once_are_recorded_once(town: Town, bus: Journal, send: Send) -> None:
    ride = await town.add_concession("NEEDY", FREE, {"n": 10, "per": "month"})
    holder = await town.add_holder(ride)
    for _ in range(12):
        bus.accepted(whose(holder), ride)
    other, caller = await town.add_terminal(), Bearer(sha256(bus.terminal.bearer.encode()).hexdigest())
    online = [send(other, body_of(other, holder.number)) for _ in range(4)]
    processes = [Uploads().take_in(caller, bus.lines) for _ in range(3)]
    await asyncio.gather(*processes, *online)
    assert await rows(town.db, "SELECT used, lim FROM quota_counter") == [(10, 10)]
    counted = "SELECT count(*), sum(quota_units), count(DISTINCT (terminal_id, seq)) FROM use"
    ((made, units, distinct),) = await rows(town.db, counted)
    assert (units, made) == (10, distinct)
    ((overspent,),) = await rows(town.db, "SELECT count(*) FROM conflict WHERE kind = 'overspent'")
    assert made - units == overspent
    assert await rows(town.db, "SELECT count(*) FROM use WHERE terminal_id = %s", bus.terminal.id) == [(12,)]


async def test_a_line_that_the_database_will_not_take_stops_no_other(town: Town, bus: Journal) -> None:
    refuse = "BEGIN IF NEW.seq = 2 THEN RAISE EXCEPTION 'no' USING ERRCODE = 'data_exception'; END IF; RETURN NEW; END"
    await town.db.execute(f"CREATE FUNCTION torn() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$")
    await town.db.execute("CREATE TRIGGER torn BEFORE INSERT ON tap_key FOR EACH ROW EXECUTE FUNCTION torn()")
    for _ in range(3):
        bus.denied()
    told = await bus.send()
    assert [one["outcome"] for one in told] == ["recorded", "refused", "recorded"]
    assert told[1]["code"] == "unrecordable"
    assert [one["conflicts"] for one in told] == [[], [], []]


READ = ("token", "entitlement", "tap_key", "quota_counter", "last_tap", "audit", "credential")
SCANS = "SELECT relname, seq_scan, coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = ANY(%s)"


async def scans(town: Town) -> dict[str, tuple[int, int]]:
    """Scans of whole tables, and scans by index, since the database was made."""
    return {name: (whole, found) for name, whole, found in await rows(town.db, SCANS, list(READ))}


async def test_no_table_is_read_whole(town: Town, bus: Journal) -> None:
    ride = await town.add_concession("NEEDY", FREE, MONTH)
    holder = await town.add_holder(ride)
    for _ in range(20):
        bus.accepted(whose(holder), ride)
    before = await scans(town)
    await bus.send()
    # a backend hands in its statistics when it ends
    await close_engine()
    async with asyncio.timeout(10):
        while (after := await scans(town))["token"] == before["token"]:  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(0.05)
    assert {name: after[name][0] for name in READ} == {name: before[name][0] for name in READ}
    assert all(after[name][1] > before[name][1] for name in READ)
