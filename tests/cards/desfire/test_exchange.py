import pytest

from cards.desfire.command import Command, Mode
from cards.desfire.commands import (
    commit,
    get_application_ids,
    get_key_version,
    read_data,
    select_application,
    write_data,
)
from cards.desfire.exchange import PlainChannel, settle, steps_of, take
from cards.desfire.procedure import Step
from cards.desfire.status import Status
from cards.errors import CardRefused, UnexpectedAnswer

SELECT = select_application(b"\1\2\3")
MORE = Step(bytes.fromhex("90af000000"))


def settled(commands, answers):
    groups = take(PlainChannel(), commands)
    procedure = settle(PlainChannel(), commands, groups, answers)
    try:
        return next(procedure)
    except StopIteration as end:
        return end.value


def test_a_command_without_an_answer_is_expected_to_succeed():
    assert steps_of(PlainChannel(), commit()) == [Step(bytes.fromhex("90c7000000"), b"\x91\x00")]


def test_the_frames_of_a_long_command_are_each_asked_to_go_on():
    steps = steps_of(PlainChannel(), write_data(1, 0, bytes(120), Mode.PLAIN))
    assert [step.expect for step in steps] == [b"\x91\xaf", b"\x91\xaf", b"\x91\x00"]


def test_the_frames_of_a_long_answer_are_fetched_ahead():
    steps = steps_of(PlainChannel(), read_data(1, 0, 119, Mode.PLAIN))
    assert steps[1:] == [MORE, MORE]
    assert steps[0].expect is None


def test_a_list_ends_with_an_answer_of_unknown_length():
    assert len(take(PlainChannel(), [SELECT, get_application_ids(), get_key_version(0)])) == 2


def test_a_list_ends_before_a_write_that_follows_a_read():
    assert len(take(PlainChannel(), [SELECT, get_key_version(0), get_key_version(1), commit()])) == 3


def test_writes_share_a_list_with_the_reads_after_them():
    assert len(take(PlainChannel(), [SELECT, commit(), get_key_version(1), Command(0x6E, length=3)])) == 4


def test_an_answer_of_unknown_length_is_fetched_to_its_end():
    assert settled([get_application_ids()], [b"\1\2\3\x91\xaf"]) == [MORE]


def test_each_further_frame_is_fetched_by_itself():
    commands = [get_application_ids()]
    procedure = settle(PlainChannel(), commands, take(PlainChannel(), commands), [b"\1\x91\xaf"])
    next(procedure)
    assert procedure.send([b"\2\x91\xaf"]) == [MORE]
    with pytest.raises(StopIteration) as end:
        procedure.send([b"\3\x91\x00"])
    assert end.value.value == [b"\1\2\3"]


def test_an_unfinished_answer_with_others_behind_it_is_given_up():
    commands = [read_data(1, 0, 2, Mode.PLAIN), get_key_version(0)]
    with pytest.raises(UnexpectedAnswer, match=r"\(unfinished\)"):
        settled(commands, [b"\1\x91\xaf", b"\2\x91\x00"])


def test_an_early_end_leaves_out_the_frames_that_were_asked_for_in_vain():
    answers = [bytes(100) + b"\x91\x00", b"\x91\x1c"]
    assert settled([read_data(1, 0, 100, Mode.PLAIN)], answers) == [bytes(100)]


def test_the_first_refusal_is_the_one_that_is_told():
    with pytest.raises(CardRefused) as refused:
        settled([read_data(1, 0, 100, Mode.PLAIN)], [b"\x91\xf0", b"\x91\x1c"])
    assert refused.value.status is Status.FILE_NOT_FOUND


def test_a_command_that_was_never_answered_is_unexpected():
    with pytest.raises(UnexpectedAnswer):
        settled([SELECT, commit()], [b"\x91\x00"])


def test_a_reader_that_fetches_nothing_is_unexpected():
    commands = [get_application_ids()]
    procedure = settle(PlainChannel(), commands, take(PlainChannel(), commands), [b"\x91\xaf"])
    next(procedure)
    with pytest.raises(UnexpectedAnswer):
        procedure.send([])


def test_what_was_wrong_with_an_answer_is_said():
    with pytest.raises(UnexpectedAnswer, match=r"\(2 bytes\)"):
        settled([get_key_version(0)], [b"\1\2\x91\x00"])
    with pytest.raises(UnexpectedAnswer, match=r"\(too early\)"):
        settled([write_data(1, 0, bytes(60), Mode.PLAIN)], [b"\x91\x00"])
