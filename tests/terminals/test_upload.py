"""Uploading: in the order of the chain, until each line is answered for, whatever the service or the network does."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from terminals import upload
from terminals.agent import Terminal
from terminals.errors import AnswerUnreadable, Refused, Unreachable
from terminals.upload import BATCH, Upload
from tests.terminals.backend import Backend
from tests.terminals.taken import take


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
async def terminal(backend: Backend, tmp_path: Path) -> AsyncIterator[Terminal]:
    """A terminal with five lines to upload."""
    made = await backend.terminal(tmp_path)
    for minute in range(5):
        take(made.journal, minutes=minute)
    yield made
    made.journal.close()


REFUSAL = httpx.Response(400, json={"code": "malformed"}, headers={"content-type": "application/problem+json"})


def uploading(terminal: Terminal) -> Upload:
    return Upload(terminal.link, terminal.journal)


async def test_lines_go_in_the_order_of_the_chain_and_each_once(terminal: Terminal, backend: Backend) -> None:
    assert await uploading(terminal).send_all() == 5
    assert list(backend.lines) == [1, 2, 3, 4, 5]
    assert await uploading(terminal).send_all() == 0
    assert backend.asked.count(BATCH) == 1


async def test_lines_whose_answer_was_lost_are_sent_again_and_known(terminal: Terminal, backend: Backend) -> None:
    backend.lose = True
    with pytest.raises(Unreachable):
        await uploading(terminal).send()
    assert (len(backend.lines), terminal.journal.waiting()) == (5, 5)
    backend.lose = False
    assert await uploading(terminal).send_all() == 5
    assert (len(backend.chain), terminal.journal.waiting()) == (6, 0)


async def test_no_request_has_more_lines_or_bytes_than_may_be(
    terminal: Terminal, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = uploading(terminal)
    size = len(terminal.journal.unsent()[0][1])
    monkeypatch.setattr(upload, "MOST_BYTES", 2 * size + 20)
    assert [await sending.send() for _ in range(4)] == [2, 2, 1, 0]


async def test_a_line_longer_than_a_request_may_be_is_sent_alone(
    terminal: Terminal, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "MOST_BYTES", 10)
    assert [await uploading(terminal).send() for _ in range(6)] == [1, 1, 1, 1, 1, 0]


async def test_a_refused_line_is_kept_with_the_reason_and_the_others_are_taken(
    terminal: Terminal, backend: Backend
) -> None:
    backend.refuses = {3}
    await uploading(terminal).send_all()
    assert list(backend.lines) == [1, 2, 4, 5]
    ((seq, said),) = terminal.journal.refusals()
    assert (seq, b"as told" in said, terminal.journal.waiting()) == (3, True, 0)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 408, 302])
async def test_a_service_that_does_not_let_the_terminal_in_loses_it_nothing(
    terminal: Terminal, backend: Backend, status: int
) -> None:
    backend.faults[BATCH] = status
    with pytest.raises(Refused):
        await uploading(terminal).send()
    assert (terminal.journal.waiting(), terminal.journal.refusals()) == (5, [])


async def test_a_proxy_that_refuses_everything_loses_it_nothing(terminal: Terminal, backend: Backend) -> None:
    backend.faults[BATCH] = 400
    sending = uploading(terminal)
    for _ in range(5):
        with pytest.raises((Unreachable, Refused)):
            await sending.send()
    assert (terminal.journal.waiting(), terminal.journal.refusals()) == (5, [])


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_service_is_asked_again_later(terminal: Terminal, backend: Backend, status: int) -> None:
    backend.faults[BATCH] = status
    with pytest.raises(Unreachable):
        await uploading(terminal).send()
    assert terminal.journal.waiting() == 5


async def test_a_batch_that_is_not_taken_is_halved_until_the_bad_line_is_alone(
    terminal: Terminal, backend: Backend
) -> None:
    answer = backend._batch
    poison = b'"seq":3,'
    backend._batch = lambda asked: REFUSAL if poison in asked.content else answer(asked)  # type: ignore[method-assign]
    backend.refuses = {99}
    sending = uploading(terminal)
    for _ in range(12):
        try:
            await sending.send()
        except Unreachable:
            continue
    assert (list(backend.lines), terminal.journal.waiting()) == ([1, 2, 4, 5], 0)
    assert [seq for seq, _ in terminal.journal.refusals()] == [3]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>please sign in</html>",
        b'{"seq":2,"outcome":"recorded"}\n',
        b'{"seq":1,"outcome":"recorded"}\n{"seq":3,"outcome":"recorded"}\n',
    ],
)
async def test_an_answer_that_is_none_settles_nothing(terminal: Terminal, backend: Backend, said: bytes) -> None:
    backend._batch = lambda _: httpx.Response(200, content=said)  # type: ignore[method-assign]
    with pytest.raises(AnswerUnreadable):
        await uploading(terminal).send()
    assert terminal.journal.waiting() == 5


async def test_an_answer_for_the_first_lines_settles_those(terminal: Terminal, backend: Backend) -> None:
    said = b'{"seq":1,"outcome":"recorded"}\n{"seq":2,"outcome":"known"}\n'
    backend._batch = lambda _: httpx.Response(200, content=said)  # type: ignore[method-assign]
    assert await uploading(terminal).send() == 2
    assert [seq for seq, _ in terminal.journal.unsent()] == [3, 4, 5]
