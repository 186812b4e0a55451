import pytest

from cards.desfire.procedure import Step
from cards.errors import AnswerTooLong
from cards.profile.lists import Leg, ahead, joined, through
from tests.cards.profile.table import Count, play


def asking(*words: str, after: str = ""):
    """A procedure of one list: the answers to `words`; with `after`, that word in a list of its own."""
    found = yield [Step(word.encode(), b"") for word in words]
    if after:
        found = [*found, *(yield [Step(after.encode())])]
    return [answer.decode() for answer in found]


def echo(apdu: bytes) -> bytes:
    return apdu.upper()


def test_two_procedures_share_a_list():
    count = Count()
    assert play(joined(Leg(asking("a", "b")), asking("c")), echo, count) == (["A", "B"], ["C"])
    assert (count.lists, count.apdus) == (1, 3)


def test_only_the_last_list_of_the_first_is_shared():
    count = Count()
    found = play(joined(Leg(asking("a", after="b"), 2), asking("c", after="d")), echo, count)
    assert found == (["A", "B"], ["C", "D"])
    assert count.lists == 3


def test_several_legs_bring_what_the_last_one_finds():
    count = Count()
    assert play(through([Leg(asking("a")), Leg(asking("b", after="c"), 2), Leg(asking("d"))]), echo, count) == ["D"]
    assert count.lists == 2
    assert play(through([Leg(asking("a"))]), echo) == ["A"]


def test_a_first_procedure_that_wants_more_is_refused():
    with pytest.raises(AnswerTooLong):
        play(joined(Leg(asking("a", after="b")), asking("c")), echo)


def test_a_list_goes_ahead_only_behind_the_wanted_answer():
    count = Count()
    found, rest = play(ahead(asking("a", "b"), b"B", asking("c", after="d")), echo, count)
    assert (found, count.lists, count.apdus) == (["A", "B"], 1, 3)
    assert play(rest, echo, count) == ["C", "D"]
    found, rest = play(ahead(asking("a", "b"), b"X", asking("c")), echo, count)
    assert (found, rest) == (["A", "B"], None)
