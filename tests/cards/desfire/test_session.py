import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.command import Command, Mode
from cards.desfire.commands import (
    AES_KEY,
    change_key,
    commit,
    debit,
    get_key_version,
    get_value,
    read_data,
    select_application,
    write_data,
)
from cards.desfire.procedure import run
from cards.desfire.session import PlainSession
from cards.desfire.status import Status
from cards.errors import CardRefused, CardsError, MacMismatch, SessionOver, UnexpectedAnswer
from tests.cards.desfire.peer import Peer, Rule, counted

KEY = bytes(range(16))
SCHEMES = pytest.mark.parametrize("scheme", list(Scheme))
FILE_MODES = st.sampled_from([Mode.PLAIN, Mode.MAC, Mode.FULL])


def asked(mode: Mode) -> Mode:
    return Mode.PLAIN if mode is Mode.PLAIN else Mode.USUAL


def reading(mode: Mode, answer: bytes, sized: bool = True) -> Rule:
    return Rule(header=7, out=asked(mode), back=mode, answer=answer, sized=sized)


def writing(mode: Mode, size: int) -> Rule:
    return Rule(header=7, data=size, out=mode, back=asked(mode))


def session_with(peer: Peer):
    return run(authenticate(peer.scheme, 0, peer.key), peer)[0]


@SCHEMES
@given(mode=FILE_MODES, data=st.binary(min_size=1, max_size=260), offset=st.integers(0, 300))
def test_what_is_written_arrives_in_every_mode(scheme, mode, data, offset):
    peer = Peer(scheme, KEY, {0x3D: writing(mode, len(data)), 0xC7: Rule()})
    found, lists = counted(session_with(peer).batch([write_data(2, offset, data, mode), commit()]), peer)
    header = b"\x02" + offset.to_bytes(3, "little") + len(data).to_bytes(3, "little")
    assert peer.received == [(0x3D, header, data), (0xC7, b"", b"")]
    assert found == [b"", b""]
    assert len(lists) == 1


@SCHEMES
@given(mode=FILE_MODES, data=st.binary(min_size=1, max_size=260), sized=st.booleans())
def test_what_is_read_arrives_in_every_mode_with_and_without_a_length(scheme, mode, data, sized):
    peer = Peer(scheme, KEY, {0xBD: reading(mode, data, sized), 0x64: Rule(data=1, answer=b"\x09")})
    commands = [read_data(2, 0, len(data) if sized else 0, mode), get_key_version(0)]
    found, lists = counted(session_with(peer).batch(commands), peer)
    assert found == [data, b"\x09"]
    assert len(lists) == 1 if sized else len(lists) > 1


@SCHEMES
@given(
    plan=st.lists(
        st.tuples(st.sampled_from([0x3D, 0xBD, 0x64, 0xC7]), FILE_MODES, st.integers(1, 130)), min_size=1, max_size=8
    )
)
def test_any_sequence_of_commands_keeps_both_ends_in_step(scheme, plan):
    peer = Peer(scheme, KEY)
    session = session_with(peer)
    commands = {
        0x3D: lambda mode, size: write_data(1, 0, bytes(size), mode),
        0xBD: lambda mode, size: read_data(1, 0, size, mode),
        0x64: lambda _mode, _size: get_key_version(0),
        0xC7: lambda _mode, _size: commit(),
    }
    rules = {
        0x3D: writing,
        0xBD: lambda mode, size: reading(mode, b"\x05" * size),
        0x64: lambda _mode, _size: Rule(data=1, answer=b"\x09"),
        0xC7: lambda _mode, _size: Rule(),
    }
    same = {code: (mode, size) for code, mode, size in plan}
    peer.rules |= {code: rules[code](*same[code]) for code in same}
    found = run(session.batch([commands[code](*same[code]) for code, _, _ in plan]), peer)
    assert found == [peer.rules[code].answer for code, _, _ in plan]


@SCHEMES
def test_a_session_goes_on_from_batch_to_batch(scheme):
    peer = Peer(scheme, KEY, {0x6C: Rule(1, answer=b"\x05\0\0\0", back=Mode.MAC), 0xC7: Rule()})
    session = session_with(peer)
    for _ in range(3):
        assert run(session.batch([get_value(5, Mode.MAC)]), peer) == [b"\x05\0\0\0"]
        assert run(session.batch([commit()]), peer) == [b""]


def test_reads_of_known_length_share_a_list_and_fetch_their_frames_in_it():
    peer = Peer(Scheme.EV1, KEY, {0x5A: Rule(data=3), 0xBD: Rule(7, answer=bytes(256))})
    commands = [select_application(b"\xd0\x0a\xf4"), read_data(2, 0, 256, Mode.MAC)]
    found, lists = counted(PlainSession().batch(commands), peer)
    assert lists == [1 + 5]
    assert found == [b"", bytes(256)]


@pytest.mark.parametrize("write", [commit(), debit(5, 1, Mode.MAC), Command(0x64, b"\0", out=Mode.MAC, length=1)])
def test_nothing_is_written_in_the_list_of_an_answer_that_nobody_has_seen(write):
    rules = {
        0x6C: Rule(1, answer=bytes(4), back=Mode.MAC),
        0xC7: Rule(),
        0xDC: Rule(1, 4, out=Mode.MAC),
        0x64: Rule(1, out=Mode.MAC, answer=b"\0"),
    }
    peer = Peer(Scheme.EV1, KEY, rules)
    _, lists = counted(session_with(peer).batch([get_value(5, Mode.MAC), get_value(5, Mode.MAC), write]), peer)
    assert lists == [2, 1]


@SCHEMES
def test_the_key_in_use_is_changed_and_ends_the_session(scheme):
    peer = Peer(scheme, KEY, {0xC4: Rule(1, 17, out=Mode.FULL, ends=True), 0xC7: Rule()})
    session = session_with(peer)
    assert run(session.batch([change_key(session, 0 | AES_KEY, b"\x11" * 16, 4)]), peer) == [b""]
    assert peer.received == [(0xC4, b"\x80", b"\x11" * 16 + b"\x04")]
    with pytest.raises(SessionOver):
        run(session.batch([commit()]), peer)


@SCHEMES
@pytest.mark.parametrize("status", [Status.NO_CHANGES, Status.PERMISSION_DENIED, Status.BOUNDARY_ERROR])
def test_a_refusal_says_its_status_and_ends_the_session(scheme, status):
    peer = Peer(scheme, KEY, {0xC7: Rule(status=status), 0xA7: Rule()})
    session = session_with(peer)
    with pytest.raises(CardRefused) as refused:
        run(session.batch([commit(), Command(0xA7)]), peer)
    assert refused.value.status is status
    assert [code for code, _, _ in peer.received] == [0xC7]
    with pytest.raises(SessionOver):
        run(session.batch([commit()]), peer)


def test_a_read_that_fails_in_the_middle_of_a_list_is_the_refusal_that_is_told():
    peer = Peer(Scheme.EV1, KEY, {0xBD: Rule(7, status=0xF0), 0x64: Rule(data=1, answer=b"\x01")})
    commands = [read_data(1, 0, 100, Mode.MAC), get_key_version(0)]
    with pytest.raises(CardRefused) as refused:
        run(session_with(peer).batch(commands), peer)
    assert refused.value.status is Status.FILE_NOT_FOUND


def test_an_interrupted_session_is_over():
    peer = Peer(Scheme.EV1, KEY, {0xC7: Rule()})
    session = session_with(peer)
    next(session.batch([commit()]))
    with pytest.raises(SessionOver):
        next(session.batch([commit()]))


@SCHEMES
@pytest.mark.parametrize("command", [commit(), get_key_version(0), read_data(1, 0, 4, Mode.FULL)])
def test_a_changed_answer_is_noticed(scheme, command):
    rules = {
        0xC7: Rule(),
        0x64: Rule(data=1, answer=b"\x01"),
        0xBD: Rule(7, answer=b"\1\2\3\4", back=Mode.FULL),
    }
    peer = Peer(scheme, KEY, rules)
    session = session_with(peer)

    def changed(apdu: bytes) -> bytes:
        answer = peer(apdu)
        return bytes((answer[0] ^ 1,)) + answer[1:]

    with pytest.raises(MacMismatch):
        run(session.batch([command]), changed)


@SCHEMES
def test_a_plain_answer_of_another_length_is_unexpected(scheme):
    peer = Peer(scheme, KEY, {0x64: Rule(data=1, answer=b"\x01\x02")})
    with pytest.raises(UnexpectedAnswer):
        run(session_with(peer).batch([get_key_version(0)]), peer)


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [b""],
        [b"\x91\xaf"],
        [b"\x91\x00"],
        [b"\x91\xaf", b"\x91\xaf"],
        [b"\x91\xaf", b"\0\x91\x00"],
    ],
)
def test_a_chained_write_that_ends_in_another_way_is_unexpected(answers):
    procedure = PlainSession().batch([write_data(1, 0, bytes(60), Mode.PLAIN)])
    assert len(next(procedure)) == 2
    with pytest.raises(UnexpectedAnswer):
        procedure.send(answers)


def test_a_card_that_never_finishes_is_given_up():
    with pytest.raises(UnexpectedAnswer):
        run(PlainSession().batch([read_data(1, 0, 0, Mode.PLAIN)]), lambda _apdu: b"\x91\xaf")


def test_a_plain_session_survives_a_refusal():
    peer = Peer(Scheme.EV1, KEY, {0x5A: Rule(data=3, status=0xA0)})
    session = PlainSession()
    for _ in range(2):
        with pytest.raises(CardRefused):
            run(session.batch([select_application(b"\1\2\3")]), peer)


@SCHEMES
@given(data=st.data())
def test_any_answers_are_plain_data_or_a_clear_refusal(scheme, data):
    peer = Peer(scheme, KEY)
    session = session_with(peer)
    statuses = st.sampled_from([bytes((0x91, status)) for status in Status] + [b"\x90\x00", b"\x6d\x00", b"\x91", b""])
    bodies = st.binary(max_size=70) | st.sampled_from([bytes(16), bytes(59), bytes(67)])
    answers = st.builds(bytes.__add__, bodies, statuses)
    commands = [
        get_key_version(0),
        read_data(1, 0, 100, Mode.FULL),
        read_data(1, 0, 0, Mode.MAC),
        write_data(1, 0, bytes(100), Mode.FULL),
        commit(),
    ]
    chosen = data.draw(st.permutations(commands))
    with pytest.raises(CardsError):
        run(session.batch(chosen), lambda _apdu: data.draw(answers))
