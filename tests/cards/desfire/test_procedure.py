import pytest

from cards.desfire.procedure import Step, before, relay, run
from cards.errors import CardGone


def counting(lists, result="done"):
    heard = []
    for steps in lists:
        heard.append((yield steps))
    return result, heard


def test_a_procedure_is_sent_the_answers_to_each_of_its_lists():
    lists = [[Step(b"a"), Step(b"b")], [Step(b"c")]]
    assert run(counting(lists), bytes.upper) == ("done", [[b"A", b"B"], [b"C"]])


def test_a_procedure_without_lists_only_returns():
    assert run(counting([]), bytes.upper) == ("done", [])


def test_a_list_stops_after_the_first_answer_that_was_not_expected():
    asked = []

    def transmit(apdu):
        asked.append(apdu)
        return apdu.upper()

    steps = [Step(b"aa", b"A"), Step(b"bb", b"X"), Step(b"cc")]
    assert relay(steps, transmit) == [b"AA", b"BB"]
    assert asked == [b"aa", b"bb"]


def test_what_the_reader_raises_goes_through():
    def transmit(_apdu):
        raise CardGone

    with pytest.raises(CardGone):
        run(counting([[Step(b"a")]]), transmit)


@pytest.mark.parametrize("lists", [[], [[Step(b"b")]], [[Step(b"b"), Step(b"c")], [Step(b"d")]]])
def test_one_step_goes_before_the_first_list(lists):
    checked = []
    result, heard = run(before(Step(b"a"), checked.append, counting(lists)), bytes.upper)
    assert checked == [b"A"]
    assert result == "done"
    assert heard == [[step.apdu.upper() for step in steps] for steps in lists]


def test_a_step_before_stops_the_list_and_is_checked_first():
    def check(answer):
        assert answer == b"A"
        raise CardGone

    asked = []

    def transmit(apdu):
        asked.append(apdu)
        return apdu.upper()

    with pytest.raises(CardGone):
        run(before(Step(b"a", b"X"), check, counting([[Step(b"b")]])), transmit)
    assert asked == [b"a"]
