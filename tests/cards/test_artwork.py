import re
from dataclasses import replace
from datetime import date

import pytest
import zxingcpp
from pypdfium2 import PdfDocument

from cards.artwork import letter
from cards.letter import Access, Letter
from cards.letter_words import CARD_WORDS, WORDS
from tests.cards.conftest import minted

NUMBER = "21BRBEZ8JX627FV0"


@pytest.fixture(scope="module")
def content(issuer) -> Letter:
    return Letter(
        recipient="Ģertrūde Šķēle-Ķirsona",
        address=("Lielā iela 11–4", "Jelgava", "LV-3001"),
        municipality="Jelgavas valstspilsētas pašvaldība",
        contact="tālr. 63000000",
        number=NUMBER,
        qr_text=minted(issuer),
        concessions=("Bezmaksas braukšana pilsētas autobusos",),
        valid_until=date(2027, 8, 31),
        issued_on=date(2026, 9, 1),
    )


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, white space made even."""
    with PdfDocument(pdf) as document:
        return [re.sub(r"\s+", " ", page.get_textpage().get_text_bounded()) for page in document]


@pytest.mark.parametrize(("language", "until"), [("lv", "31.08.2027."), ("en", "31 August 2027")])
def test_a_letter_says_all_that_the_holder_needs(content, language, until):
    (text,) = pages_of(letter(replace(content, language=language)))
    words = WORDS[language]
    for expected in (content.recipient, *content.address, content.municipality, content.contact):
        assert expected in text
    for expected in (words.title, words.heading, until, "21BR BEZ8 JX62 7FV0", *content.concessions):
        assert expected in text
    for other in WORDS.values():
        assert other.heading in text


def test_the_printed_symbol_is_decoded_and_30_millimetres_wide(content):
    with PdfDocument(letter(content)) as document:
        page = document[0].render(scale=300 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(page)
    assert found.text == content.qr_text
    width = (found.position.top_right.x - found.position.top_left.x) / 300 * 25.4
    assert 29 < width < 31


def test_a_long_list_of_concessions_keeps_to_one_page(content):
    crowded = replace(content, concessions=("Atvieglojums ar diezgan garu nosaukumu",) * 6)
    assert len(pages_of(letter(crowded))) == 1


def test_the_same_letter_has_the_same_bytes(content):
    assert letter(content) == letter(content)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_letter_that_goes_with_a_card_tells_of_the_card_and_shows_no_code(content, language):
    pdf = letter(replace(content, language=language, qr_text=None))
    (text,) = pages_of(pdf)
    for expected in (CARD_WORDS[language].title, "21BR BEZ8 JX62 7FV0", *content.concessions, content.recipient):
        assert expected in text
    assert WORDS[language].title not in text
    with PdfDocument(pdf) as document:
        assert zxingcpp.read_barcodes(document[0].render(scale=300 / 72).to_pil()) == []


def test_both_languages_say_the_same_number_of_things():
    assert len(WORDS["lv"].steps) == len(WORDS["en"].steps)
    assert len(CARD_WORDS["lv"].steps) == len(CARD_WORDS["en"].steps)
    assert WORDS["lv"].day(date(2026, 5, 4)) == "04.05.2026."
    assert WORDS["en"].day(date(2026, 5, 4)) == "4 May 2026"


@pytest.mark.parametrize(("language", "until"), [("lv", "01.10.2026."), ("en", "1 October 2026")])
def test_a_letter_may_say_how_the_right_gets_onto_a_phone(content, language, until):
    access = Access("K7QF2-M9DXW", "amis.example/my", date(2026, 10, 1))
    (text,) = pages_of(letter(replace(content, language=language, access=access)))
    assert all(part in text for part in ("K7QF2-M9DXW", "amis.example/my", until, WORDS[language].phone))
    (plain,) = pages_of(letter(replace(content, language=language)))
    assert WORDS[language].phone not in plain
