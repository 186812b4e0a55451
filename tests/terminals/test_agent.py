"""A terminal at work: on disk first, the service in time, else alone; one number either way; and its end."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cards.errors import NotPaired
from cards.pair import pair
from terminals.agent import BUNDLE, Terminal
from terminals.clock import Clock
from terminals.errors import JournalForeign, JournalFull, StoreDamaged, StoreLocked
from terminals.fetch import Feed
from terminals.keeping import STORE_KEY
from terminals.line import digest
from terminals.message import CardShown, Tap
from terminals.upload import Upload
from tests.terminals.backend import URL, Backend
from tests.terminals.bundle.publisher import AT, FREE_CARD, HOUR
from tests.terminals.tokens import card, letter, phone

FARE = Decimal("0.85")
FREE, TWENTY, FIVE_A_DAY, ONLINE_ONLY, EVERYBODY = 301, 302, 307, 312, 310
ALTERED = letter(FREE)[:-2] + ("00" if letter(FREE)[-2:] != "00" else "10")


def tap(shown: object = None, **fields: object) -> Tap:
    return Tap(**({"token": shown, "at": AT, "gross": FARE} | fields))


async def fetched(terminal: Terminal) -> Terminal:
    """With the present bundle."""
    await Feed(terminal.link, lambda: terminal.holding, terminal.clock.now, terminal.keep).refresh()
    return terminal


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
async def terminal(backend: Backend, tmp_path: Path) -> AsyncIterator[Terminal]:
    """A terminal that has its bundle."""
    made = await fetched(await backend.terminal(tmp_path))
    yield made
    made.journal.close()


async def again(backend: Backend, home: Path) -> Terminal:
    """The same terminal after a power cut."""
    return await backend.terminal(home)


def lines(terminal: Terminal) -> list[dict[str, object]]:
    return [json.loads(line) for _, line in terminal.journal.unsent()]


async def test_the_service_decides_where_it_answers_in_time(terminal: Terminal, backend: Backend) -> None:
    answer = await terminal.validate(tap(letter(FREE)))
    assert (answer.online, answer.use, answer.text["lv"]) == (True, "u", "Labi")
    assert (terminal.journal.pending(), terminal.journal.waiting()) == ([], 0)


@pytest.mark.parametrize("how", ["away", "lose", "busy", "cross", "slow", "nonsense"])
async def test_without_an_answer_in_time_the_terminal_decides_under_the_same_number(
    terminal: Terminal, backend: Backend, how: str
) -> None:
    if how in ("away", "lose"):
        setattr(backend, how, True)
    elif how == "slow":
        backend.slow = 5
    else:
        backend.faults["/v1/validations"] = {"busy": 503, "cross": 422, "nonsense": 200}[how]
    answer = await terminal.validate(tap(letter(FREE)))
    assert (answer.online, answer.verdict, answer.payable) == (False, "ACCEPT", 0)
    assert answer.text == {"lv": "OK, -100 %", "en": "OK, -100 %"}
    (line,) = lines(terminal)
    assert (line["seq"], line["verdict"], line["list_seq"]) == (answer.seq, "ACCEPT", 10)
    assert line["token"] == {"status": 393293, "cti": "0123456789abcdef"}
    # the service may have recorded that very request: what is uploaded names it
    assert digest(backend.taps.get(answer.seq, b"")) == line["sha"] or how != "lose"


async def test_a_service_that_was_away_is_not_waited_for_at_every_tap(terminal: Terminal, backend: Backend) -> None:
    backend.away = True
    await terminal.validate(tap(letter(FREE)))
    asked = len(backend.asked)
    await terminal.validate(tap(letter(FREE)))
    assert len(backend.asked) == asked
    backend.away = False
    await Upload(terminal.link, terminal.journal).send_all()
    assert (await terminal.validate(tap(letter(FREE)))).online


async def test_without_a_bundle_and_a_connection_all_is_refused_and_written_down(
    backend: Backend, tmp_path: Path
) -> None:
    backend.away = True
    terminal = await backend.terminal(tmp_path)
    answer = await terminal.validate(tap(letter(FREE)))
    assert (answer.verdict, answer.reason, answer.payable) == ("DENY", "ONLINE_REQUIRED", FARE)
    assert [(line["verdict"], line["token"]) for line in lines(terminal)] == [("DENY", None)]


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ("AM1:" + "0" * 5_000, "MALFORMED"),
        ("https://example.com/menu", "MALFORMED"),
        ("\N{DUCK}" * 300, "MALFORMED"),
        ("7" * 15 + "K", "MALFORMED"),
        (ALTERED, "BAD_SIGNATURE"),
        (phone(FREE, at=AT - HOUR), "PRESENTATION_STALE"),
        (CardShown(bytes(7), b""), "UNKNOWN_TOKEN"),
    ],
    ids=["oversized", "foreign", "ducks", "mistyped", "altered", "stale", "stranger"],
)
async def test_whatever_is_shown_gets_a_reason_and_a_line(
    terminal: Terminal, backend: Backend, shown: object, reason: str
) -> None:
    backend.away = True
    answer = await terminal.validate(tap(shown))
    assert (answer.verdict, answer.reason) == ("DENY", reason)
    assert [line["reason"] for line in lines(terminal)] == [reason]
    await _uploaded(terminal, backend)


async def _uploaded(terminal: Terminal, backend: Backend) -> None:
    backend.away = False
    await Upload(terminal.link, terminal.journal).send_all()
    assert (terminal.journal.waiting(), terminal.journal.refusals()) == (0, [])


async def test_a_phones_presentation_is_taken_once(terminal: Terminal, backend: Backend) -> None:
    backend.away = True
    shown = phone(FREE)
    reasons = [(await terminal.validate(tap(shown))).reason for _ in range(2)]
    assert reasons == ["OK", "REPLAY"]
    assert "presented" in lines(terminal)[0]["token"]  # type: ignore[operator]


async def test_what_everybody_may_use_names_nobody(terminal: Terminal, backend: Backend) -> None:
    backend.away = True
    backend.publisher.at = festive = AT.replace(day=7)
    terminal.clock = Clock(lambda: festive)
    answer = await terminal.validate(tap(letter(TWENTY), at=festive))
    assert (answer.verdict, answer.payable) == ("ACCEPT_WARN", 0)
    (line,) = lines(terminal)
    assert (line["token"], line["proof"], line["code"]) == (None, "none", f"{EVERYBODY:032x}")


async def test_a_quota_is_given_up_to_the_cap_until_it_is_uploaded(terminal: Terminal, backend: Backend) -> None:
    backend.away = True
    reasons = [(await terminal.validate(tap(letter(TWENTY)))).reason for _ in range(3)]
    assert reasons == ["OK", "OK", "ONLINE_REQUIRED"]
    await _uploaded(terminal, backend)
    backend.away = True
    answer = await terminal.validate(tap(letter(TWENTY)))
    assert (answer.reason, answer.quota_left) == ("OK", 17)


async def test_what_the_service_said_of_a_quota_is_remembered_without_it(terminal: Terminal, backend: Backend) -> None:
    backend.quota_left = 1
    backend.payable = "0.4250"
    assert (await terminal.validate(tap(letter(TWENTY)))).quota_left == 1
    backend.away = True
    answers = [await terminal.validate(tap(letter(TWENTY))) for _ in range(2)]
    assert [(answer.reason, answer.quota_left) for answer in answers] == [("OK", 0), ("QUOTA_USED", 0)]


async def test_a_tap_cut_short_is_closed_as_refused_at_the_next_start(
    terminal: Terminal, backend: Backend, tmp_path: Path
) -> None:
    for shown in (letter(FREE), card(FREE, uid=FREE_CARD, tier=1), None):
        terminal.journal.begin(tap(shown, companions=1, place="tram-7").body, AT)
    later = await again(backend, tmp_path)
    assert (later.close_interrupted(), later.close_interrupted()) == (3, 0)
    for line, (_, body) in zip(lines(later), _bodies(later), strict=True):
        assert (line["verdict"], line["reason"], line["companions"]) == ("DENY", "ONLINE_REQUIRED", 1)
        assert (line["sha"], line["place"]) == (digest(body), "tram-7")


def _bodies(terminal: Terminal) -> list[tuple[int, bytes]]:
    rows = terminal.journal._db.execute("SELECT seq, body FROM request ORDER BY seq")
    return [(seq, terminal.journal._text(seq, body)) for seq, body in rows]


async def test_after_a_power_cut_it_knows_what_it_knew(terminal: Terminal, backend: Backend, tmp_path: Path) -> None:
    backend.away = True
    shown = phone(TWENTY)
    await terminal.validate(tap(shown))
    terminal.journal.close()
    later = await again(backend, tmp_path)
    assert later.holding.seq == 10
    assert (await later.validate(tap(shown))).reason == "REPLAY"
    assert (await later.validate(tap(letter(TWENTY)))).quota_left == 18


async def test_a_clock_that_cannot_be_right_is_said_so(terminal: Terminal, backend: Backend) -> None:
    backend.away = True
    for wrong in (AT - timedelta(days=365), AT - HOUR):
        terminal.clock = Clock(lambda wrong=wrong: wrong)
        answer = await terminal.validate(tap(letter(FREE), at=wrong))
        assert (answer.verdict, answer.reason) == ("ACCEPT_WARN", "CLOCK")
        assert lines(terminal)[-1]["clock_doubtful"] is True


async def test_a_full_disk_refuses_in_clear_words_and_loses_nothing(terminal: Terminal, backend: Backend) -> None:
    backend.away = True
    assert (await terminal.validate(tap(letter(FREE)))).accepted
    database = terminal.journal._db
    database.execute(f"PRAGMA max_page_count = {database.execute('PRAGMA page_count').fetchone()[0]}")
    answers = [await terminal.validate(tap(letter(FREE))) for _ in range(40)]
    refused = [answer for answer in answers if not answer.accepted]
    assert refused
    assert {(answer.reason, answer.text["en"]) for answer in refused} == {
        ("ONLINE_REQUIRED", "The terminal does not work. Its disk is full or broken")
    }
    database.execute("PRAGMA max_page_count = 100000")
    assert (await terminal.validate(tap(letter(FREE)))).accepted
    terminal.close_interrupted()
    accepted = {answer.seq for answer in answers if answer.accepted}
    assert accepted <= {line["seq"] for line in lines(terminal) if line["verdict"] == "ACCEPT"}
    terminal.journal.verify()
    await _uploaded(terminal, backend)


async def test_a_revoked_terminal_wipes_itself_and_keeps_its_lines(
    terminal: Terminal, backend: Backend, tmp_path: Path
) -> None:
    backend.away = True
    await terminal.validate(tap(letter(TWENTY)))
    backend.away, backend.revoked = False, True
    terminal.link._bearer.forget()
    terminal.link.up = True
    answer = await terminal.validate(tap(letter(FREE)))
    assert (answer.verdict, answer.text["lv"]) == ("DENY", "Terminālis nestrādā. Tas ir izņemts no lietošanas")
    assert terminal.revoked.is_set()
    assert not list((tmp_path / BUNDLE).iterdir())
    later = await again(backend, tmp_path)
    assert (later.policy, len(lines(later))) == (None, 1)
    assert later.journal.verify().pos == 1


async def test_a_wipe_that_was_cut_short_is_finished_at_the_next_start(
    terminal: Terminal, backend: Backend, tmp_path: Path
) -> None:
    backend.away = True
    await terminal.validate(tap(letter(TWENTY)))
    (tmp_path / STORE_KEY).unlink()
    later = await again(backend, tmp_path)
    assert (later.policy, len(lines(later))) == (None, 1)
    assert later.journal.memory("status 393293", AT).used == {}


async def test_a_wipe_on_a_full_disk_is_finished_at_the_next_start(
    terminal: Terminal, backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.away = True
    await terminal.validate(tap(letter(TWENTY)))
    monkeypatch.setattr(terminal.journal, "forget_texts", full)
    with pytest.raises(JournalFull):
        terminal.wipe()
    later = await again(backend, tmp_path)
    assert (later.policy, len(lines(later))) == (None, 1)
    assert later.journal.memory("status 393293", AT).used == {}


def full() -> None:
    raise JournalFull


async def test_a_wiped_terminal_that_is_still_trusted_starts_anew(terminal: Terminal, backend: Backend) -> None:
    terminal.wipe()
    backend.away = True
    assert (await terminal.validate(tap(letter(FREE)))).reason == "ONLINE_REQUIRED"
    backend.away = False
    await fetched(terminal)
    backend.away = True
    assert (await terminal.validate(tap(letter(FREE)))).reason == "OK"


async def test_a_damaged_generation_of_the_bundle_gives_way_to_the_one_before(
    terminal: Terminal, backend: Backend, tmp_path: Path
) -> None:
    backend.publisher.seq += 1
    backend.publisher.at += HOUR
    await fetched(terminal)
    newest = max((tmp_path / BUNDLE).glob("generation-*"), key=lambda path: int(path.name.partition("-")[2]))
    newest.write_bytes(b"damaged")
    assert (await again(backend, tmp_path)).holding.seq == 10


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


async def test_nothing_that_was_shown_can_be_read_in_its_folder(
    terminal: Terminal, backend: Backend, tmp_path: Path
) -> None:
    backend.away = True
    shown = letter(TWENTY)
    for token in (shown, card(FREE, uid=FREE_CARD), phone(FREE)):
        await terminal.validate(tap(token))
    found = everything(tmp_path)
    secrets = (shown, shown[4:40], FREE_CARD.hex(), "0123456789abcdef", "393293")
    assert not [secret for secret in secrets if secret.encode() in found]
    assert FREE_CARD not in found


async def test_a_key_that_is_another_is_told_at_once(terminal: Terminal, backend: Backend, tmp_path: Path) -> None:
    await terminal.validate(tap(letter(TWENTY)))
    (tmp_path / STORE_KEY).write_bytes(bytes(32))
    with pytest.raises(StoreDamaged):
        await again(backend, tmp_path)


async def test_a_passphrase_is_needed_where_there_is_one(backend: Backend, tmp_path: Path) -> None:
    (await backend.terminal(tmp_path, passphrase="ozols")).journal.close()
    with pytest.raises(StoreLocked):
        await backend.terminal(tmp_path)


async def test_a_journal_of_another_pairing_is_not_taken_over(
    terminal: Terminal, backend: Backend, tmp_path: Path
) -> None:
    pairing = json.loads((tmp_path / "pairing.json").read_text())
    (tmp_path / "pairing.json").write_text(json.dumps(pairing | {"pairing": 2}))
    with pytest.raises(JournalForeign):
        await again(backend, tmp_path)


async def test_a_pairing_without_a_root_key_has_to_be_made_anew(backend: Backend, tmp_path: Path) -> None:
    await pair(URL, "code", tmp_path, backend.http())
    pairing = json.loads((tmp_path / "pairing.json").read_text())
    (tmp_path / "pairing.json").write_text(json.dumps(pairing | {"root": ""}))
    with pytest.raises(NotPaired, match="pair again"):
        await backend.terminal(tmp_path)
