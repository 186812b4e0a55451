"""The letter that carries a printed QR code or goes with a card: A4, both languages.

The address field follows DIN 5008 form B (85 x 45 mm at 20, 45 mm), where a window envelope shows it; a symbol is
30 mm at level Q.
"""

from fpdf import FPDF

from cards import qr
from cards.artwork_page import draw_symbol, new_page, write_line
from cards.letter import Access, Letter
from cards.letter_words import CARD_WORDS, WORDS, Words
from cards.number import readable_number

_LEFT, _TOP, _WIDTH = 20.0, 45.0, 170.0
_SYMBOL = 30.0
_CARD = (85.6, 54.0)
"""Where a card is stuck to its letter."""


def letter(content: Letter) -> bytes:
    """The letter as a PDF; the same content gives the same bytes."""
    spoken = CARD_WORDS if content.qr_text is None else WORDS
    first = spoken[content.language]
    page = _page(content, first.title)
    _address(page, content)
    page.set_xy(_LEFT, 100)
    _line(page, first.title, 16, bold=True, gap=3)
    _line(page, first.intro, 10.5, gap=4)
    _carried(page, content, first)
    languages = (first, *(other for language, other in spoken.items() if language != content.language))
    for words in languages:
        _instructions(page, words, small=words is not first)
    if content.access is not None:
        page.ln(-2)
        for words in languages:
            _phone(page, content.access, words, small=words is not first)
    _line(page, f"{first.contact}: {content.contact}", 9.5)
    return bytes(page.output())


def _page(content: Letter, title: str) -> FPDF:
    page = new_page("A4", title, content.language, content.issued_on)
    page.set_auto_page_break(True, margin=8)
    page.set_margins(_LEFT, 15, 20)
    page.add_page()
    return page


def _line(page: FPDF, text: str, size: float, *, bold: bool = False, gap: float = 0.0, width: float = _WIDTH) -> None:
    write_line(page, text, size, width, bold=bold, gap=gap)


def _address(page: FPDF, content: Letter) -> None:
    page.set_xy(_LEFT, 20)
    _line(page, content.municipality, 13, bold=True)
    page.set_xy(_LEFT, _TOP + 5)
    for text in (content.recipient, *content.address):
        _line(page, text, 11, width=85)
    page.set_xy(_LEFT, 90)
    _line(page, WORDS[content.language].day(content.issued_on), 10.5)


def _carried(page: FPDF, content: Letter, words: Words) -> None:
    """The code, or the place of the card, and beside it what it is good for."""
    top = page.get_y() + 4
    width, height = (_SYMBOL + 4, _SYMBOL) if content.qr_text is not None else _CARD
    if content.qr_text is not None:
        draw_symbol(page, qr.matrix(content.qr_text, "Q"), _LEFT + 4, top, _SYMBOL)
    else:
        page.set_draw_color(160)
        page.rect(_LEFT, top, *_CARD)
    page.set_left_margin(_LEFT + width + 12)
    page.set_y(top)
    _facts(page, content, words, _WIDTH - width - 12)
    page.set_left_margin(_LEFT)
    page.set_y(max(page.get_y(), top + height) + 8)


def _facts(page: FPDF, content: Letter, words: Words, width: float) -> None:
    facts = [(words.number, readable_number(content.number)), (words.valid, words.day(content.valid_until))]
    for label, fact in facts:
        _line(page, label, 9, width=width)
        _line(page, fact, 13, bold=True, gap=1.5, width=width)
    _line(page, words.concessions, 9, width=width)
    for concession in content.concessions:
        _line(page, concession, 10.5, bold=True, width=width)


def _phone(page: FPDF, access: Access, words: Words, *, small: bool) -> None:
    size = 8.0 if small else 9.5
    if not small:
        _line(page, f"{words.phone}: {access.code}", 10.5, bold=True, gap=0.6)
    _line(page, words.phone_steps.format(address=access.address, until=words.day(access.until)), size, gap=0.6)


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
