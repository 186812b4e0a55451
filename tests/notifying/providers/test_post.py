"""Letters in a folder."""

from dataclasses import replace
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from amis.notifying.content import Content
from amis.notifying.errors import Unreachable
from amis.notifying.providers.post import FolderPost
from tests.notifying.providers.test_mail import ID, OUTGOING

LETTER = replace(OUTGOING, to="Lielā iela 1-2\nJelgava, LV-3001", recipient="Žanete Šķēle")


def test_a_letter_has_its_address_in_the_window_and_every_paragraph(tmp_path: Path) -> None:
    text = "Labdien!\n\n" + "\n\n".join(f"{number}. rindkopa par atvieglojumu." for number in range(60))
    FolderPost(tmp_path).carry(replace(LETTER, content=Content("Izmaiņas", text, "", "")))
    with PdfDocument(tmp_path / f"{ID}.pdf") as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
        # DIN 5008 form B: 85 x 45 mm at 20, 45 mm from the top left corner of A4
        box = [millimetres * 72 / 25.4 for millimetres in (20, 297 - 90, 105, 297 - 45)]
        window = document[0].get_textpage().get_text_bounded(*box)
    assert window.split("\r\n")[:3] == ["Žanete Šķēle", "Lielā iela 1-2", "Jelgava, LV-3001"]
    assert (len(pages) > 1, "59. rindkopa" in pages[-1], "10.03.2026." in pages[0]) == (True, True, True)


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_letter(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unreachable):
        FolderPost(tmp_path / "file").carry(LETTER)
