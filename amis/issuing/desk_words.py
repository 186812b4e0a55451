"""What a desk is told about the work on a card: marked English texts by code, and how urgent each is."""

from collections.abc import Mapping
from typing import Protocol

from amis.web.i18n import mark
from cards.desk.message import Card, Hello

KINDS: Mapping[str, str] = {
    "personalise": mark("Make the card"),
    "verify": mark("Check the card"),
    "read": mark("Read a card"),
    "update": mark("Bring the card up to date"),
    "rotate": mark("Change the keys of the card"),
    "retire": mark("Empty the chip"),
}
WAITS: Mapping[str, str] = {
    "": mark("The desk turns to it in a moment"),
    "insert_card": mark("Put the card on the reader"),
    "same_card": mark("Put the same card back on the reader"),
    "other_card": mark("This is another card: put the card of this token on the reader"),
    "card_gone": mark("The card was taken away too early: put the same card back on the reader"),
    "card_reset": mark("Another program disturbed the card: it is tried again"),
    "card_delayed": mark("After failed attempts the card wants a pause: leave it on the reader, it is tried again"),
    "card_swapped": mark("This is another card: put the same card back on the reader"),
    "other_product": mark("This is no card of this kind: take a MIFARE DESFire card"),
    "reader_gone": mark("Connect the card reader"),
    "reader_busy": mark("Another program uses the card reader: close it"),
    "reader_service_gone": mark("The card reader service of this computer (pcscd) is not running: it is tried again"),
    "reader_failed": mark("The card reader does not answer as it should: take the card off and put it back"),
    "reader_software_missing": mark("The software for card readers is missing on the desk's computer"),
    "instruction_refused": mark("The desk's program refused an instruction: bring it up to date"),
    "desk_gone": mark("The desk's program is not connected: the work goes on when it is back"),
}
"""What the work waits for."""
RUNS: Mapping[str, str] = {
    "checking": mark("Checking the card: keep it on the reader"),
    "writing": mark("Writing: keep the card on the reader"),
}
DONE: Mapping[str, str] = {
    "personalise": mark("The card is ready to be handed over"),
    "verify": mark("The card is genuine and belongs to this token"),
    "read": mark("The card was read"),
    "update": mark("The card is up to date"),
    "rotate": mark("The card has the new keys"),
    "retire": mark("The chip is empty"),
}
FAILED: Mapping[str, str] = {
    "stopped": mark("Stopped"),
    "wrong_product": mark("This is no card of this kind: take a MIFARE DESFire card"),
    "chip_too_small": mark("The chip of this card is too small"),
    "foreign_card": mark("This card belongs to another system: take a blank card"),
    "card_elsewhere": mark("This card belongs to another municipality: take a blank card"),
    "card_taken": mark("This card is made for somebody else already: take a blank card"),
    "card_chip_taken": mark("This chip is in another card that is in use: take a blank card"),
    "card_another_chip": mark("The work on this card began on another chip: take that one, or give it up as spoiled"),
    "counterfeit": mark("The keys of this chip are not ours: keep the card and report it"),
    "card_full": mark("The memory of this card is full: take a blank card"),
    "card_damaged": mark("This card is damaged: put it with the spoiled ones and take another"),
    "card_refused": mark("The card refused a step: take another card, and report it if it happens again"),
    "authentication_failed": mark("The keys of this chip are not ours: keep the card and report it"),
    "mac_mismatch": mark("The card's answer was changed on the way: try again"),
    "unexpected_answer": mark("The chip answers as no chip of this kind does: take another card"),
    "answer_too_long": mark("The chip answers as no chip of this kind does: take another card"),
    "session_over": mark("The card ended the conversation: try again"),
    "card_fault": mark("The card refused a step: take another card, and report it if it happens again"),
    "record_damaged": mark("What is written on the card is damaged: bring the card up to date, or replace it"),
    "card_not_of_token": mark("The card carries the number of another one: it was mixed up"),
    "desk_work_refused": mark("The state of the card does not allow this work on it"),
}
"""Why work failed. An error of the service that is not here is told by its own message, which is the detail then."""
REASONS: Mapping[str, str] = {
    "first": mark("first card"),
    "lost": mark("in place of a lost one"),
    "stolen": mark("in place of a stolen one"),
    "damaged": mark("in place of a damaged one"),
    "renewal": mark("in place of one that ends"),
    "moved": mark("after a move"),
}
"""Why a card is made, beside the name of its holder."""
ELSE = mark("The work failed: nothing was registered")
END: Mapping[str, str] = {"done": "The card is done.", **WAITS, **FAILED}
"""What the desk's own program says at the end of an operation; it speaks English."""
_UID = 7
"""Bytes of the number of such a chip (ISO/IEC 14443-3, double size)."""
TOTALS: Mapping[str, int] = {"personalise": 43, "verify": 22, "read": 7, "update": 30, "rotate": 30, "retire": 30}
"""Commands that a work usually takes, for the progress."""


class Line(Protocol):
    """What of a desk's connection decides whether work can begin."""

    hello: Hello | None

    def card(self, uid: bytes | None) -> Card | None:
        """A card on a reader."""


def hindrance(line: Line, uid: bytes | None, *, begun: bool) -> str:
    """What keeps the work on the card `uid` (None: any) from going on, as a code of WAITS; empty when it lies there."""
    if line.hello is None:
        return "desk_gone"
    if line.hello.problem:
        return line.hello.problem
    if not line.hello.readers:
        return "reader_gone"
    card = line.card(uid)
    if card is None:
        return _missing(line, uid is not None, begun)
    return "" if len(card.uid) == _UID else "other_product"


def _missing(line: Line, known: bool, begun: bool) -> str:
    if known and line.card(None):
        return "card_swapped" if begun else "other_card"
    return "same_card" if known and begun else "insert_card"


def said(state: str, kind: str, message: str, detail: str = "") -> str:
    """The English text about an operation in a state; whatever it is, there is a translation."""
    if state == "done":
        return DONE[kind]
    if state == "failed":
        return FAILED.get(message) or detail or ELSE
    return RUNS.get(message) or WAITS.get(message, WAITS["reader_failed"])
