"""`amis terminal` on a terminal's folder: what it says, what it writes, how it ends."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from terminals.cli import app
from terminals.journal import FILE, journal_in
from terminals.keeping import sole_user
from terminals.line import REFUSED, Outcome
from tests.terminals.backend import Backend
from tests.terminals.bundle.publisher import MACHINE, Publisher
from tests.terminals.taken import take
from tests.terminals.test_agent import fetched
from tests.terminals.tokens import letter

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a terminal that took its bundle a moment ago, and has lost its service since."""

    async def made() -> None:
        terminal = await fetched(await Backend(Publisher(at=NOW)).terminal(tmp_path))
        terminal.journal.close()

    asyncio.run(made())
    pairing = json.loads((tmp_path / "pairing.json").read_text())
    (tmp_path / "pairing.json").write_text(json.dumps(pairing | {"url": "http://127.0.0.1:1"}))
    return tmp_path


def amis(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--home", str(home)])


def test_status_says_what_it_holds_and_what_waits(home: Path) -> None:
    journal = journal_in(home)
    take(journal)
    journal.sent([Outcome(take(journal), REFUSED, b"no")])
    said = json.loads(amis(home, "status", "--json").stdout)
    assert (said["machine"], said["provider"], said["held"], said["stale"]) == (MACHINE, "JAP", 10, False)
    assert (said["lines"], said["waiting"], said["refused"]) == (2, 1, [{"seq": 2, "answer": "no"}])
    assert "waiting: 1" in amis(home, "status").stdout


def test_a_journal_that_was_not_touched_verifies_and_another_does_not(home: Path) -> None:
    journal = journal_in(home)
    take(journal)
    head = journal.head()
    assert json.loads(amis(home, "journal", "verify", "--json").stdout) == {"lines": 1, "hash": head.hash}
    assert head.hash in amis(home, "journal", "verify").stdout
    journal._db.execute("DELETE FROM record")
    broken = amis(home, "journal", "verify")
    assert (broken.exit_code, "lines 1 to 1 are missing" in broken.stderr) == (1, True)


def test_unsent_lines_are_exported_as_they_would_be_sent(home: Path) -> None:
    journal = journal_in(home)
    take(journal)
    take(journal)
    file = home / "lines"
    assert "2 lines" in amis(home, "export", str(file)).stdout
    assert file.read_bytes() == b"".join(line + b"\n" for _, line in journal.unsent())
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_no_terminal_a_wrong_passphrase_and_a_damaged_journal_are_told(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("empty")
    assert "not paired" in amis(empty, "status").stderr.lower()
    assert "passphrase" in amis(home, "status", "--passphrase", "ozols").stderr
    (home / FILE).write_bytes(b"damaged" * 200)
    for words in (("status",), ("export", str(home / "x")), ("run",)):
        told = amis(home, *words)
        assert (told.exit_code, "journal is damaged" in told.stderr) == (2, True)


def test_one_program_at_a_time_decides_in_a_folder(home: Path) -> None:
    with sole_user(home):
        for words in (("run", "--stdin"), ("reserve", "AM1:X", "302"), ("tap", "AM1:X"), ("resend",)):
            told = amis(home, *words)
            assert (told.exit_code, "Another program" in told.stderr) == (2, True)


def test_units_cannot_be_set_aside_for_nobody_or_without_a_service(home: Path) -> None:
    assert "whose token" in amis(home, "reserve", "AM1:X", "302").stderr
    told = amis(home, "reserve", _letter(302), "302", "--units", "2")
    assert (told.exit_code, "does not answer" in told.stderr) == (2, True)


@pytest.fixture
def running(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`amis terminal run --till` without a service."""
    command = [sys.executable, "-c", "from terminals.cli import app; app()", "run", "--till", "--home", str(home)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        yield process
        process.kill()


def test_run_answers_each_line_and_ends_cleanly(running: subprocess.Popen[str], home: Path) -> None:
    assert running.stdin is not None
    assert running.stdout is not None
    answers = []
    taps = {"token": _letter(301)}, {"token": "no token"}, "", {"token": _letter(302), "gross": "2.00"}
    for tap in taps:
        running.stdin.write((json.dumps(tap) if tap else "{") + "\n")
        running.stdin.flush()
        answers.append(json.loads(running.stdout.readline()))
    assert [answer.get("reason", answer.get("error")) for answer in answers] == [
        *("OK", "MALFORMED", "terminal.line_unreadable", "OK")
    ]
    assert (answers[0]["text"]["lv"], answers[3]["payable"], answers[3]["online"]) == ("OK, -100 %", "1.0000", False)
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 0
    assert journal_in(home).waiting() == 3


def test_run_ends_with_its_input(running: subprocess.Popen[str]) -> None:
    running.communicate(json.dumps({"token": _letter(301)}) + "\n", timeout=20)
    assert running.returncode == 0


def _letter(code: int) -> str:
    second = int(NOW.timestamp())
    until = NOW.date() + timedelta(days=30)
    return letter(code, iat=second, exp=second + 30 * 86_400, until=until)
