"""Every message comes back as it was sent; anything else is unreadable, never an error of another kind."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import errors
from cards.desk.fields import MOST_ITEMS, MOST_TEXT
from cards.desk.message import (
    Begin,
    Card,
    Commands,
    End,
    FromDesk,
    FromService,
    Hello,
    Print,
    Printed,
    Responses,
    read_from_desk,
    read_from_service,
    write,
)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
numbers = st.integers(0, 2**53)
apdus = st.lists(st.binary(max_size=64), max_size=5).map(tuple)
perhaps = st.none() | words
pairs = st.lists(st.tuples(st.binary(max_size=64), st.none() | st.binary(max_size=9)), max_size=5)
from_desk = st.one_of(
    st.builds(Hello, words, st.lists(words, max_size=3).map(tuple), words, perhaps),
    st.builds(Card, words, st.binary(max_size=33), st.binary(max_size=10), st.booleans()),
    st.builds(Responses, words, numbers, apdus, st.none() | numbers, perhaps),
    st.builds(Printed, words, perhaps),
)
from_service = st.one_of(
    st.builds(Begin, words, words, words),
    st.builds(
        lambda op, seq, steps: Commands(op, seq, tuple(cmd for cmd, _ in steps), tuple(expect for _, expect in steps)),
        words,
        numbers,
        pairs,
    ),
    st.builds(End, words, words, words),
    st.builds(Print, words, st.binary(max_size=200)),
)


@given(from_desk)
def test_what_a_desk_says_is_read_as_it_was_said(message: FromDesk) -> None:
    assert read_from_desk(write(message)) == message


@given(from_service)
def test_what_the_service_says_is_read_as_it_was_said(message: FromService) -> None:
    assert read_from_service(write(message)) == message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("op", "seq", "r", "cmds", "v", "job", "pdf")
KINDS = ("hello", "card", "resp", "printed", "op.begin", "apdu", "op.end", "print")


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_nonsense_is_unreadable(kind: str, content: dict[str, object]) -> None:
    text = json.dumps({"type": kind} | content)
    for read in (read_from_desk, read_from_service):
        with pytest.raises(errors.DeskMessageUnreadable):
            read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "[" * 100_000,
        '{"type":["hello"]}',
        '{"type":"nothing"}',
        '{"type":"hello","agent":"a","readers":[],"v":2}',
        '{"type":"hello","agent":"a","readers":[],"v":true}',
        '{"type":"hello","agent":"a","readers":[],"more":1}',
        '{"type":"hello","agent":"a","readers":"ab"}',
        '{"type":"hello","agent":"\\u0000","readers":[]}',
        '{"type":"hello","agent":"\\ud800","readers":[]}',
        json.dumps({"type": "hello", "agent": "a" * (MOST_TEXT + 1), "readers": []}),
        '{"type":"card","reader":"r","atr":"3B","uid":"","present":true}',
        '{"type":"card","reader":"r","atr":"3b 80","uid":"","present":true}',
        '{"type":"card","reader":"r","atr":"3b","uid":"","present":1}',
        json.dumps({"type": "resp", "op": "o", "seq": 1, "r": ["9100"] * (MOST_ITEMS + 1)}),
        '{"type":"apdu","op":"o","seq":1,"cmds":[],"expect":[]}',
        b"binary",
    ],
)
def test_a_desk_is_held_to_the_contract(text: str) -> None:
    with pytest.raises(errors.DeskMessageUnreadable):
        read_from_desk(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"apdu","op":"o","seq":1,"cmds":["90"],"expect":[]}',
        '{"type":"print","job":"j","pdf":"not base64"}',
        '{"type":"resp","op":"o","seq":1,"r":[]}',
    ],
)
def test_the_service_is_held_to_the_contract(text: str) -> None:
    with pytest.raises(errors.DeskMessageUnreadable):
        read_from_service(text)


def test_the_error_of_a_desk_is_raised_on_the_other_side() -> None:
    Responses("op", 1, ()).raise_error()
    kinds = (errors.CardGone, errors.CardReset, errors.ReaderBusy, errors.ServiceGone, errors.InstructionRefused)
    for kind in kinds:
        with pytest.raises(kind):
            Responses("op", 1, (), pcsc_error=kind.code).raise_error()
    with pytest.raises(errors.ReaderError, match="unheard of"):
        Responses("op", 1, (), pcsc_error="unheard of").raise_error()
