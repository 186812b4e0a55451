"""The letter that carries a printed QR code: A4, address where a window envelope shows it, both languages.

The address field follows DIN 5008 form B (85 x 45 mm at 20, 45 mm); the symbol is 30 mm at level Q.
"""

from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from cards import qr
from cards.letter import Letter
from cards.letter_words import WORDS, Words
from cards.number import readable_number

_FONTS = Path(__file__).parent / "fonts"
_LEFT, _TOP, _WIDTH = 20.0, 45.0, 170.0
_SYMBOL = 30.0
# neighbouring rows overlap by a hair, or viewers show white lines between them
_OVERLAP = 0.02


def letter(content: Letter) -> bytes:
    """The letter as a PDF; the same content gives the same bytes."""
    page = _page(content)
    _address(page, content)
    first = WORDS[content.language]
    page.set_xy(_LEFT, 100)
    _line(page, first.title, 16, bold=True, gap=3)
    _line(page, first.intro, 10.5, gap=4)
    _code(page, content, first)
    for words in (first, *(other for language, other in WORDS.items() if language != content.language)):
        _instructions(page, words, small=words is not first)
    _line(page, f"{first.contact}: {content.contact}", 9.5)
    return bytes(page.output())


def _page(content: Letter) -> FPDF:
    page = FPDF(format="A4")
    page.set_auto_page_break(True, margin=12)
    page.set_margins(_LEFT, 15, 20)
    page.add_font("Noto", "", _FONTS / "NotoSans-Regular.ttf")
    page.add_font("Noto", "B", _FONTS / "NotoSans-Bold.ttf")
    page.set_title(WORDS[content.language].title)
    page.set_lang(content.language)
    day = content.issued_on
    page.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=UTC))
    page.add_page()
    return page


def _line(page: FPDF, text: str, size: float, *, bold: bool = False, gap: float = 0.0, width: float = _WIDTH) -> None:
    page.set_font("Noto", "B" if bold else "", size)
    page.multi_cell(width, size * 0.48, text, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
    page.ln(gap)


def _address(page: FPDF, content: Letter) -> None:
    page.set_xy(_LEFT, 20)
    _line(page, content.municipality, 13, bold=True)
    page.set_xy(_LEFT, _TOP + 5)
    for text in (content.recipient, *content.address):
        _line(page, text, 11, width=85)
    page.set_xy(_LEFT, 90)
    _line(page, WORDS[content.language].day(content.issued_on), 10.5)


def _code(page: FPDF, content: Letter, words: Words) -> None:
    top = page.get_y() + 4
    _draw(page, qr.matrix(content.qr_text, "Q"), _LEFT + 4, top)
    page.set_left_margin(_LEFT + _SYMBOL + 16)
    page.set_y(top)
    facts = [(words.number, readable_number(content.number)), (words.valid, words.day(content.valid_until))]
    for label, fact in facts:
        _line(page, label, 9, width=120)
        _line(page, fact, 13, bold=True, gap=1.5, width=120)
    _line(page, words.concessions, 9, width=120)
    for concession in content.concessions:
        _line(page, concession, 10.5, bold=True, width=120)
    page.set_left_margin(_LEFT)
    page.set_y(max(page.get_y(), top + _SYMBOL) + 8)


def _draw(page: FPDF, modules: qr.Matrix, left: float, top: float) -> None:
    size = _SYMBOL / len(modules)
    page.set_fill_color(0)
    for y, row in enumerate(modules):
        for x, length in qr.runs(row):
            page.rect(left + x * size, top + y * size, length * size, size + _OVERLAP, style="F")


def _instructions(page: FPDF, words: Words, *, small: bool) -> None:
    size = 8.5 if small else 10.5
    _line(page, words.heading if not small else f"{words.title}. {words.heading}", size, bold=True, gap=1)
    for number, step in enumerate(words.steps, 1):
        page.set_font("Noto", "", size)
        page.cell(6, size * 0.48, f"{number}.")
        page.set_left_margin(_LEFT + 6)
        _line(page, step, size, gap=0.6, width=_WIDTH - 6)
        page.set_left_margin(_LEFT)
        page.set_x(_LEFT)
    page.ln(4)
