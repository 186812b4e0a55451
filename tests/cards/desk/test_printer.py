"""Printing through a real CUPS."""

from pathlib import Path
from queue import Empty

import pytest

from cards.desk.message import Print
from cards.desk.printer import Printer
from tests.cups import Paper

FACE = Print("job-1", b"%PDF-1.7 a card's face\n")


async def test_a_page_comes_out_of_the_printer_as_it_was_sent(cups: Paper) -> None:
    assert (await Printer("cards").print(FACE)).error is None
    assert cups.sheets.get(timeout=10) == FACE.pdf


async def test_a_job_that_comes_again_is_not_printed_again(cups: Paper) -> None:
    printer = Printer("cards")
    for _ in range(2):
        assert (await printer.print(FACE)).error is None
    cups.sheets.get(timeout=10)
    assert (await printer.print(Print("job-2", b"%PDF next"))).error is None
    assert cups.sheets.get(timeout=10) == b"%PDF next"
    with pytest.raises(Empty):
        cups.sheets.get(block=False)


async def test_a_queue_that_is_not_there_is_told_in_its_own_words(cups: Paper) -> None:
    assert "does not exist" in ((await Printer("letters").print(FACE)).error or "")


async def test_no_printer_and_no_program_for_it_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "no printer" in ((await Printer("").print(FACE)).error or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "cups-client" in ((await Printer("cards").print(FACE)).error or "")
