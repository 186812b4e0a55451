"""The face of a card as a printer gets it."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from pypdfium2 import PdfDocument

from cards.artwork_face import HEIGHT, WIDTH, face
from cards.face import FACE_WORDS, Face
from cards.number import number_text

NUMBER = "21BRBEZ8JX627FV0"


def jpeg(colour: str = "teal") -> bytes:
    out = BytesIO()
    Image.new("RGB", (413, 531), colour).save(out, "JPEG")
    return out.getvalue()


CONTENT = Face(
    "Ģertrūde Šķēle-Ķirsona",
    NUMBER,
    "Jelgavas valstspilsētas pašvaldība",
    date(2027, 8, 31),
    date(2026, 9, 1),
    jpeg(),
)


def seen(content: Face) -> tuple[str, Image.Image, tuple[float, float]]:
    """Its text, its picture at 300 dpi, and its size in millimetres."""
    with PdfDocument(face(content)) as document:
        assert len(document) == 1
        page = document[0]
        said = re.sub(r"\s+", " ", page.get_textpage().get_text_bounded())
        size = tuple(side / 72 * 25.4 for side in page.get_size())
        return said, page.render(scale=300 / 72).to_pil(), size


def test_it_has_the_size_of_a_card():
    assert seen(CONTENT)[2] == pytest.approx((WIDTH, HEIGHT), abs=0.01)


@pytest.mark.parametrize(("language", "until"), [("lv", "31.08.2027."), ("en", "31 August 2027")])
def test_it_says_whose_it_is_and_until_when(language, until):
    said, _, _ = seen(replace(CONTENT, language=language))
    for expected in (CONTENT.name, CONTENT.municipality, "21BR BEZ8 JX62 7FV0", until, FACE_WORDS[language].title):
        assert expected in said


def test_its_code_is_the_number_that_can_be_looked_up():
    (found,) = zxingcpp.read_barcodes(seen(CONTENT)[1])
    assert found.text == number_text(NUMBER)


def test_the_photo_is_printed_where_there_is_one():
    with_photo, without = seen(CONTENT)[1], seen(replace(CONTENT, photo=None))[1]
    middle = (round(16 / 25.4 * 300), round(30 / 25.4 * 300))
    assert with_photo.getpixel(middle)[0] < 20
    assert without.getpixel(middle) == (255, 255, 255)


def test_long_names_stay_on_the_card():
    long = replace(CONTENT, name="Aleksandra Konstantīna Ziemeļkazāhija-Kirhenšteinberga", municipality="Ļ" * 90)
    said, picture, _ = seen(long)
    assert "Ziemeļkazāhija" in said
    assert zxingcpp.read_barcodes(picture)[0].text == number_text(NUMBER)


def test_the_same_face_has_the_same_bytes():
    assert face(CONTENT) == face(CONTENT)
