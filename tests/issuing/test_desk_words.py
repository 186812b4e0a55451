"""What a desk is told: every way in which a card or a reader fails has words, in both languages."""

from dataclasses import dataclass, field

import pytest

from amis.issuing.desk_words import DONE, ELSE, FAILED, KINDS, RUNS, TOTALS, WAITS, hindrance, said
from amis.issuing.operations import Work
from amis.web.i18n import translate
from cards.desk.message import Card, Hello
from cards.errors import CardDelayed, CardFault, CardsError, CardSwapped, PowerLost, QuotaUsed, ReaderError, UnitsMoved

UID, OTHER = b"\x04" + bytes(6), b"\x04" + bytes(5) + b"\x01"
AT_TERMINALS = {QuotaUsed.code, UnitsMoved.code}
"""What only a terminal's work on a card can meet."""


@dataclass
class Line:
    """A desk's connection with what lies on its readers."""

    hello: Hello | None = field(default_factory=lambda: Hello("test", ("reader",)))
    uids: tuple[bytes, ...] = ()

    def card(self, uid: bytes | None) -> Card | None:
        found = next((one for one in self.uids if uid in (None, one)), None)
        return None if found is None else Card("reader", b"", found, True)


def codes(kind: type[CardsError]) -> set[str]:
    return {kind.code}.union(*(codes(below) for below in kind.__subclasses__()))


def test_every_fault_of_a_card_says_what_to_do() -> None:
    told = FAILED.keys() | {CardSwapped.code, CardDelayed.code} | AT_TERMINALS
    assert codes(CardFault) - told == set()


def test_every_fault_of_a_reader_says_what_the_work_waits_for() -> None:
    assert codes(ReaderError) - {PowerLost.code} - WAITS.keys() == set()


def test_every_kind_of_work_has_words() -> None:
    for known in (KINDS, DONE, TOTALS):
        assert set(known) == set(Work)


def test_whatever_is_said_is_said_in_latvian() -> None:
    for texts in (KINDS, WAITS, RUNS, DONE, FAILED):
        assert [text for text in texts.values() if translate("lv", text) == text] == []


@pytest.mark.parametrize(
    ("line", "uid", "begun", "code"),
    [
        (Line(None), None, False, "desk_gone"),
        (Line(Hello("test", ())), None, False, "reader_gone"),
        (Line(Hello("test", ("reader",), problem="reader_service_gone")), None, False, "reader_service_gone"),
        (Line(), None, False, "insert_card"),
        (Line(), UID, False, "insert_card"),
        (Line(), UID, True, "same_card"),
        (Line(uids=(OTHER,)), UID, False, "other_card"),
        (Line(uids=(OTHER,)), UID, True, "card_swapped"),
        (Line(uids=(OTHER, UID)), UID, True, ""),
        (Line(uids=(UID,)), None, False, ""),
        (Line(uids=(b"\x01\x02\x03\x04",)), None, False, "other_product"),
        (Line(uids=(b"",)), None, False, "other_product"),
    ],
)
def test_what_keeps_the_work_from_going_on(line: Line, uid: bytes | None, begun: bool, code: str) -> None:
    assert hindrance(line, uid, begun=begun) == code
    assert code == "" or code in WAITS


def test_an_error_of_the_service_is_told_in_its_own_words() -> None:
    assert said("failed", "personalise", "token_nothing_granted", "The person has no concession.").startswith("The per")
    assert said("failed", "personalise", "card_full", "2048 bytes") == FAILED["card_full"]
    assert said("failed", "personalise", "unheard_of") == ELSE
    assert said("waiting", "read", "unheard_of") == WAITS["reader_failed"]
    assert said("running", "read", "checking") == RUNS["checking"]
