"""A letter without a token: A4, with the address where a window envelope of DIN 5008 form B shows it."""

from cards.artwork_page import new_page, write_line
from cards.letter_words import WORDS
from cards.notice_letter import NoticeLetter

_LEFT, _TOP, _WIDTH = 20.0, 45.0, 170.0


def notice_letter(content: NoticeLetter) -> bytes:
    """The letter as a PDF; the same content gives the same bytes. What does not fit goes onto a second page."""
    page = new_page("A4", content.title, content.language, content.day)
    page.set_auto_page_break(True, margin=20)
    page.set_margins(_LEFT, 15, 20)
    page.add_page()
    page.set_xy(_LEFT, 20)
    write_line(page, content.municipality, 13, _WIDTH, bold=True)
    page.set_xy(_LEFT, _TOP + 5)
    for text in (content.recipient, *content.address):
        write_line(page, text, 11, 85)
    page.set_xy(_LEFT, 100)
    write_line(page, WORDS[content.language].day(content.day), 10.5, _WIDTH, gap=5)
    write_line(page, content.title, 14, _WIDTH, bold=True, gap=4)
    for text in content.paragraphs:
        write_line(page, text, 10.5, _WIDTH, gap=3)
    return bytes(page.output())
