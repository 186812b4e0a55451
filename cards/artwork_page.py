"""What every drawn page has in common: the fonts, a fixed date, lines of text and QR symbols."""

from datetime import UTC, date, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from cards import qr

_FONTS = Path(__file__).parent / "fonts"
# neighbouring rows overlap by a hair, or viewers show white lines between them
_OVERLAP = 0.02
Size = str | tuple[float, float]


def new_page(size: Size, title: str, language: str, day: date) -> FPDF:
    """An empty document of one page; `size` is a name such as A4, or width and height in millimetres.

    The date of creation is `day`, so that the same content gives the same bytes.
    """
    page = FPDF(format=size, unit="mm")
    page.add_font("Noto", "", _FONTS / "NotoSans-Regular.ttf")
    page.add_font("Noto", "B", _FONTS / "NotoSans-Bold.ttf")
    page.set_title(title)
    page.set_lang(language)
    page.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return page


def write_line(page: FPDF, text: str, size: float, width: float, *, bold: bool = False, gap: float = 0.0) -> None:
    """A paragraph from the cursor on, `width` and the `gap` after it in millimetres, `size` in points."""
    page.set_font("Noto", "B" if bold else "", size)
    page.multi_cell(width, size * 0.48, text, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
    page.ln(gap)


def draw_symbol(page: FPDF, modules: qr.Matrix, left: float, top: float, side: float) -> None:
    """The dark modules of a symbol, `side` millimetres wide without its quiet zone."""
    size = side / len(modules)
    page.set_fill_color(0)
    for y, row in enumerate(modules):
        for x, length in qr.runs(row):
            page.rect(left + x * size, top + y * size, length * size, size + _OVERLAP, style="F")
