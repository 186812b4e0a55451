"""The desk's program between a real pcscd and a small real service."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import pytest

from cards import pcsc
from cards.desfire.procedure import Procedure
from cards.desk.message import Begin, Card, Commands, End, Hello, Print, Printed, Responses
from cards.errors import DeskTakenOver, PairingRefused
from cards.profile import personalise, read_public, retire, rotate, update, verify
from tests.cards.chips import HELLO, UID, Echo, TornOut
from tests.cards.desk.service import Connection, Service, service
from tests.cards.profile.table import CONTENT, ISSUER, OURS, RENEWED, blank
from tests.cards.profile.table import UID as CARD
from tests.pcscd import NAMES, Pcscd, Reader

Result = TypeVar("Result")
OK = b"\x91\x00"
AGAIN = bytes.fromhex("90AF000000")


@pytest.fixture
async def door() -> AsyncIterator[Service]:
    async with service() as made:
        yield made


@pytest.fixture
async def desk(door: Service, reader: Reader) -> AsyncIterator[Connection]:
    """A desk that has said hello, with a card on its reader."""
    reader.put(Echo())
    async with door.agent():
        connection = await door.next()
        await connection.hear(Card)
        yield connection
        connection.over.set()


async def ask(desk: Connection, seq: int, *cmds: bytes, expect: tuple[bytes | None, ...] = ()) -> Responses:
    """The answers to a list of the operation `op`."""
    await desk.say(Commands("op", seq, cmds, expect or (None,) * len(cmds)))
    answer = await desk.hear(Responses)
    assert (answer.op, answer.seq) == ("op", seq)
    return answer


async def until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def test_a_desk_says_hello_and_what_lies_on_its_readers(door: Service, reader: Reader) -> None:
    reader.put(Echo())
    async with door.agent(printer="cards"):
        desk = await door.next()
        hello = await desk.hear(Hello)
        while not hello.readers:
            hello = await desk.hear(Hello)
        assert (hello.readers, hello.printer, hello.problem) == (NAMES, "cards", None)
        card = await desk.hear(Card)
        assert (card.reader, card.uid, card.present) == (reader.name, UID, True)
        desk.over.set()


async def test_a_desk_tells_cards_that_come_and_go(desk: Connection, second_reader: Reader) -> None:
    await asyncio.to_thread(second_reader.insert, Echo(b"another"))
    came = await desk.hear(Card)
    assert (came.reader, came.uid, came.present) == (second_reader.name, b"another", True)
    await asyncio.to_thread(second_reader.remove)
    gone = await desk.hear(Card)
    assert (gone.reader, gone.present) == (second_reader.name, False)


async def test_a_list_is_relayed_up_to_the_first_answer_that_is_not_expected(desk: Connection, reader: Reader) -> None:
    await desk.say(Begin("op", reader.name, "verify"))
    whole = await ask(desk, 1, HELLO, AGAIN, expect=(HELLO + OK, AGAIN))
    assert (whole.r, whole.stopped_at) == ((HELLO + OK, AGAIN + OK), None)
    part = await ask(desk, 2, HELLO, AGAIN, AGAIN, expect=(None, OK, None))
    assert (part.r, part.stopped_at) == ((HELLO + OK, AGAIN + OK), 1)


async def test_the_card_is_held_for_the_operation_and_free_afterwards(desk: Connection, reader: Reader) -> None:
    await desk.say(Begin("op", reader.name, "verify"))
    await ask(desk, 1, HELLO)
    with pytest.raises(pcsc.ReaderBusy):
        pcsc.connect(reader.name)
    await desk.say(End("op", "done"))
    await ask(desk, 2, HELLO)
    pcsc.connect(reader.name).close()


@pytest.mark.parametrize("apdu", ["90DF00000101", "905C00000100", "00A4040000", "FFCA000001", "9060000001", "90"])
async def test_an_instruction_outside_the_list_stops_everything(desk: Connection, reader: Reader, apdu: str) -> None:
    chip = reader.card
    await desk.say(Begin("op", reader.name, "verify"))
    refused = await ask(desk, 1, HELLO, bytes.fromhex(apdu))
    assert (refused.r, refused.pcsc_error) == ((), "instruction_refused")
    assert chip.told == []


async def drive(desk: Connection, procedure: Procedure[Result], reader: str) -> tuple[Result, int]:
    """The result of a card procedure at that desk, and the lists it took."""
    await desk.say(Begin("op", reader, "personalise"))
    lists, steps = 0, next(procedure)
    while True:
        lists += 1
        expect = tuple(step.expect for step in steps)
        answer = await ask(desk, lists, *(step.apdu for step in steps), expect=expect)
        answer.raise_error()
        try:
            steps = procedure.send(answer.r)
        except StopIteration as end:
            return end.value, lists


async def test_whatever_is_done_to_a_card_is_done_through_the_desk(desk: Connection, reader: Reader) -> None:
    reader.put(blank())
    made, lists = await drive(desk, personalise(CONTENT, 1, OURS), reader.name)
    assert (made.uid, made.written) == (CARD, True)
    assert lists <= 8
    for procedure in (
        update(RENEWED, 1, OURS),
        rotate(ISSUER, 2, OURS),
        verify(ISSUER, OURS),
        retire(ISSUER, OURS),
        personalise(CONTENT, 2, OURS),
    ):
        await drive(desk, procedure, reader.name)
    assert (await drive(desk, read_public(), reader.name))[0].credential == CONTENT.credential


async def test_a_card_torn_out_is_told_and_the_same_one_is_taken_up_again(
    desk: Connection, second_reader: Reader
) -> None:
    await asyncio.to_thread(second_reader.insert, TornOut(at=2))
    await desk.hear(Card)
    await desk.say(Begin("op", second_reader.name, "personalise"))
    torn = await ask(desk, 1, HELLO, AGAIN, AGAIN)
    assert (torn.r, torn.pcsc_error) == ((HELLO + OK,), "card_gone")
    assert not (await desk.hear(Card)).present
    assert (await ask(desk, 2, HELLO)).pcsc_error == "card_gone"
    await asyncio.to_thread(second_reader.insert, Echo())
    back = await desk.hear(Card)
    assert (back.uid, back.present) == (UID, True)
    await desk.say(Begin("op", second_reader.name, "personalise"))
    assert (await ask(desk, 3, HELLO)).r == (HELLO + OK,)


async def test_a_reader_that_another_program_uses_is_busy(desk: Connection, reader: Reader) -> None:
    with pcsc.connect(reader.name):
        await desk.say(Begin("op", reader.name, "verify"))
        assert (await ask(desk, 1, HELLO)).pcsc_error == "reader_busy"
    await desk.say(Begin("op", reader.name, "verify"))
    assert (await ask(desk, 2, HELLO)).pcsc_error is None


async def test_a_new_operation_on_a_reader_ends_the_older_one(desk: Connection, reader: Reader) -> None:
    await desk.say(Begin("older", reader.name, "verify"))
    await desk.say(Begin("op", reader.name, "verify"))
    assert (await ask(desk, 1, HELLO)).pcsc_error is None
    await desk.say(Commands("older", 2, (HELLO,), (None,)))
    assert (await desk.hear(Responses)).pcsc_error == "card_gone"


async def test_a_desk_survives_a_restart_of_pcscd(desk: Connection, reader: Reader, pcscd: Pcscd) -> None:
    await desk.say(Begin("op", reader.name, "verify"))
    await asyncio.to_thread(pcscd.stop)
    gone = await desk.hear(Hello)
    assert (gone.readers, gone.problem) == ((), "reader_service_gone")
    assert (await ask(desk, 1, HELLO)).pcsc_error == "reader_service_gone"
    pcscd.start()
    back = await desk.hear(Hello)
    assert (back.readers, back.problem) == (NAMES, None)
    assert (await desk.hear(Card)).uid == UID
    await desk.say(Begin("op", reader.name, "verify"))
    assert (await ask(desk, 2, HELLO)).r == (HELLO + OK,)


async def test_a_desk_dials_again_when_the_service_restarts(door: Service, reader: Reader) -> None:
    reader.put(Echo())
    async with door.agent():
        first = await door.next()
        await first.hear(Card)
        await first.say(Begin("op", reader.name, "verify"))
        await ask(first, 1, HELLO)
        await first.close(1012)
        again = await door.next()
        assert (await again.hear(Card)).uid == UID
        assert (await ask(again, 2, HELLO)).pcsc_error == "card_gone"
        again.over.set()


async def test_a_service_that_says_nonsense_is_left_and_dialled_again(door: Service, reader: Reader) -> None:
    async with door.agent() as (_, said):
        first = await door.next()
        await first.socket.send_text('{"type":"apdu"}')
        assert await first.hear(Hello)
        assert (await first.ended()) == 1003
        (await door.next()).over.set()
        first.over.set()
        assert any("as new as the service" in line for line in said)


async def test_a_bearer_that_is_no_longer_taken_is_replaced(door: Service, pcscd: Pcscd) -> None:
    async with door.agent():
        await (await door.next()).close(1008)
        (await door.next()).over.set()
        assert door.bearers == 2


@pytest.mark.parametrize("code", [4403, 1008])
async def test_a_revoked_desk_ends(door: Service, pcscd: Pcscd, code: int) -> None:
    async with door.agent() as (running, _):
        desk = await door.next()
        door.bearer_status = 401
        await desk.close(code, "revoked")
        with pytest.raises(PairingRefused, match="revoked"):
            await asyncio.wait_for(running, 5)


async def test_a_desk_that_is_not_let_in_with_a_new_bearer_either_ends(door: Service, pcscd: Pcscd) -> None:
    door.lets_in = False
    async with door.agent() as (running, _):
        with pytest.raises(PairingRefused, match="403"):
            await asyncio.wait_for(running, 5)
    assert door.bearers == 2


@pytest.mark.parametrize(("code", "kind"), [(4409, DeskTakenOver), (4404, PairingRefused)])
async def test_a_desk_does_not_fight_for_its_place(
    door: Service, pcscd: Pcscd, code: int, kind: type[Exception]
) -> None:
    async with door.agent() as (running, _):
        await (await door.next()).close(code)
        with pytest.raises(kind):
            await asyncio.wait_for(running, 5)


async def test_a_busy_service_is_asked_again(door: Service, pcscd: Pcscd) -> None:
    door.bearer_status = 503
    async with door.agent() as (_, said):
        await until(lambda: len(said) > 1)
        door.bearer_status = 200
        (await door.next()).over.set()


async def test_without_a_printer_nothing_is_printed_and_the_service_is_told(desk: Connection) -> None:
    await desk.say(Print("job", b"%PDF"))
    printed = await desk.hear(Printed)
    assert printed.job == "job"
    assert "no printer" in printed.error
