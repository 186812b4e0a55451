"""The face of a card: CR80 (ISO/IEC 7810 ID-1), 85.60 x 53.98 mm, for a card printer of 300 dpi.

The QR code carries the card's AM0 number, so that a card whose chip is dead can still be looked up.
"""

from io import BytesIO

from fpdf import FPDF

from cards import qr
from cards.artwork_page import draw_symbol, new_page, write_line
from cards.face import FACE_WORDS, Face
from cards.letter_words import WORDS
from cards.number import number_text, readable_number

WIDTH, HEIGHT = 85.60, 53.98
_MARGIN = 4.0
_PHOTO = (24.9, 32.0)
"""The photo keeps 35 : 45; its 413 x 531 pixels are 420 dpi here."""
_PHOTO_TOP = 15.0
_TEXT_LEFT = _MARGIN + _PHOTO[0] + 4
_SYMBOL = 15.0
"""21 modules: each is 0.71 mm, 8 dots of the printer."""
_BAND = 11.0
_BLUE = (16, 63, 122)


def face(content: Face) -> bytes:
    """The face as a PDF of one page; the same content gives the same bytes."""
    words = FACE_WORDS[content.language]
    page = new_page((WIDTH, HEIGHT), words.title, content.language, content.issued_on)
    page.set_margin(0)
    page.set_auto_page_break(False)
    page.add_page()
    _band(page, content.municipality, words.title)
    _photo(page, content.photo)
    _facts(page, content)
    left, top = WIDTH - _MARGIN - _SYMBOL, HEIGHT - _MARGIN - _SYMBOL
    draw_symbol(page, qr.matrix(number_text(content.number), "M"), left, top, _SYMBOL)
    return bytes(page.output())


def _band(page: FPDF, municipality: str, title: str) -> None:
    page.set_fill_color(*_BLUE)
    page.rect(0, 0, WIDTH, _BAND, style="F")
    page.set_text_color(255)
    _fitted(page, municipality, 10, (_MARGIN, 1.2), WIDTH - 2 * _MARGIN, bold=True)
    _fitted(page, title, 8, (_MARGIN, 6), WIDTH - 2 * _MARGIN)
    page.set_text_color(0)


def _photo(page: FPDF, photo: bytes | None) -> None:
    if photo is not None:
        page.image(BytesIO(photo), _MARGIN, _PHOTO_TOP, *_PHOTO)
        return
    page.set_draw_color(160)
    page.rect(_MARGIN, _PHOTO_TOP, *_PHOTO)


def _facts(page: FPDF, content: Face) -> None:
    words, day = FACE_WORDS[content.language], WORDS[content.language].day
    width = WIDTH - _TEXT_LEFT - _MARGIN
    page.set_left_margin(_TEXT_LEFT)
    page.set_xy(_TEXT_LEFT, _PHOTO_TOP - 1)
    _name(page, content.name, width)
    page.set_y(_PHOTO_TOP + 9)
    _fact(page, words.number, readable_number(content.number), width)
    page.set_y(HEIGHT - _MARGIN - 9)
    _fact(page, words.valid, day(content.valid_until), width - _SYMBOL - 2)


def _fact(page: FPDF, label: str, text: str, width: float) -> None:
    write_line(page, label, 6.5, width)
    write_line(page, text, 9, width, bold=True)


def _name(page: FPDF, name: str, width: float) -> None:
    """Two lines at most, in letters as large as that allows."""
    size = 10.0
    page.set_font("Noto", "B", size)
    while size > 5 and _lines(page, name, width) > 2:
        size -= 0.5
        page.set_font("Noto", "B", size)
    page.multi_cell(width, size * 0.45, name, align="L")


def _lines(page: FPDF, text: str, width: float) -> int:
    broken = page.multi_cell(width, 1, text, dry_run=True, output="LINES")
    return len(broken) if isinstance(broken, list) else 1


def _fitted(page: FPDF, text: str, size: float, at: tuple[float, float], width: float, *, bold: bool = False) -> None:
    """One line that is never wider than `width` millimetres."""
    page.set_font("Noto", "B" if bold else "", size)
    while size > 4 and page.get_string_width(text) > width:
        size -= 0.5
        page.set_font("Noto", "B" if bold else "", size)
    page.set_xy(*at)
    page.cell(width, size * 0.45, text)
