import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.commands import get_key_version, select_application
from cards.desfire.procedure import run
from cards.desfire.status import Status
from cards.errors import AuthenticationFailed, CardDelayed, CardRefused, CardsError, UnexpectedAnswer
from tests.cards.desfire.peer import Peer, Rule, counted, replay

h = bytes.fromhex
ZERO = bytes(16)
AID = h("d00af4")
RULES = {0x5A: Rule(data=3), 0x64: Rule(data=1, answer=b"\x07")}
SCHEMES = pytest.mark.parametrize("scheme", list(Scheme))
REAL_EV1 = (
    ("90aa000001 00 00", "b969fdfe56fd91fc9de6f6f213b8fd1e91af"),
    (
        "90af000020 36aad7df6e436ba08d18613830a70d5ad43e3d3f4a8d47541eee623a934e4774 00",
        "800db680bc146bd121d6578f2d2e20599100",
    ),
)
AN12196_TABLE_14 = (
    ("9071000002 0000 00", "a04c124213c186f22399d33ac2a3021591af"),
    (
        "90af000020 35c3e05a752e0144bac0de51c1f22c56b34408a23d8aea266cab947ea8e0118d 00",
        "3fa64db5446d1f34cd6ea311167f5e4985b89690c04a05f17fa7ab2f081206639100",
    ),
)


def ev1_nonce(_size):
    return h("f44b26f5686f3a391cd38ebd10772281")


def ev2_nonce(_size):
    return h("13c5db8a5930439fc3def9a4c675360f")


def test_an_ev1_session_opens_as_on_a_real_card():
    session, found = run(authenticate(Scheme.EV1, 0, ZERO, random=ev1_nonce), replay(*REAL_EV1))
    assert session.key_number == 0
    assert found == []


def test_an_ev2_session_opens_as_in_an12196():
    session, found = run(authenticate(Scheme.EV2, 0, ZERO, random=ev2_nonce), replay(*AN12196_TABLE_14))
    assert session.key_number == 0
    assert found == []


@pytest.mark.parametrize(
    ("scheme", "nonce", "trace"), [(Scheme.EV1, ev1_nonce, REAL_EV1), (Scheme.EV2, ev2_nonce, AN12196_TABLE_14)]
)
def test_a_card_that_proves_nothing_is_found_out_and_told_no_more(scheme, nonce, trace):
    command, answer = trace[1]
    forged = bytes(b ^ 1 for b in h(answer)[:-2]).hex() + "9100"
    then = [get_key_version(1)]
    with pytest.raises(AuthenticationFailed, match=r"\(the card's proof\)"):
        run(authenticate(scheme, 0, ZERO, random=nonce, then=then), replay(trace[0], (command, forged)))


@SCHEMES
@given(key=st.binary(min_size=16, max_size=16), number=st.integers(0, 13), secret=st.binary(min_size=16, max_size=16))
def test_card_and_reader_with_one_key_agree(scheme, key, number, secret):
    peer = Peer(scheme, key, RULES, nonce=secret)
    session, found = run(authenticate(scheme, number, key, then=[get_key_version(1)]), peer)
    assert session.key_number == number
    assert found == [b"\x07"]


@SCHEMES
def test_another_key_is_refused_by_the_card(scheme):
    with pytest.raises(AuthenticationFailed):
        run(authenticate(scheme, 0, b"\x22" * 16), Peer(scheme, ZERO))


@SCHEMES
def test_a_key_of_another_kind_is_refused_at_once(scheme):
    with pytest.raises(AuthenticationFailed):
        run(authenticate(scheme, 0, ZERO), lambda _apdu: h("91ae"))


@pytest.mark.parametrize(("scheme", "lists"), [(Scheme.FACTORY, [2, 2]), (Scheme.EV1, [2, 2]), (Scheme.EV2, [2, 1, 1])])
def test_selection_and_first_commands_share_the_lists_of_the_authentication(scheme, lists):
    peer = Peer(scheme, ZERO, RULES)
    procedure = authenticate(scheme, 1, ZERO, first=[select_application(AID)], then=[get_key_version(1)])
    (_, found), sizes = counted(procedure, peer)
    assert found == [b"\x07"]
    assert sizes == lists
    assert peer.received == [(0x5A, b"", AID), (0x64, b"", b"\x01")]


@SCHEMES
def test_what_comes_first_is_refused_by_its_own_status(scheme):
    peer = Peer(scheme, ZERO, {0x5A: Rule(data=3, status=0xA0)})
    with pytest.raises(CardRefused) as refused:
        run(authenticate(scheme, 1, ZERO, first=[select_application(AID)]), peer)
    assert refused.value.status is Status.APPLICATION_NOT_FOUND
    assert str(refused.value) == "The card refused a command. (APPLICATION_NOT_FOUND A0)"


def test_a_card_slowed_down_against_guessing_wants_a_pause():
    with pytest.raises(CardDelayed):
        run(authenticate(Scheme.EV1, 0, ZERO), lambda _apdu: h("91ad"))


@pytest.mark.parametrize("status", [Status.NO_SUCH_KEY, Status.ILLEGAL_COMMAND])
def test_any_other_refusal_keeps_its_status(status):
    with pytest.raises(CardRefused) as refused:
        run(authenticate(Scheme.EV1, 9, ZERO), lambda _apdu: bytes((0x91, status)))
    assert refused.value.status is status


@SCHEMES
@pytest.mark.parametrize("answer", ["9100", "91af", "0091af", "00" * 16 + "9100", "00" * 32 + "91af"])
def test_an_answer_of_another_shape_is_unexpected(scheme, answer):
    with pytest.raises(UnexpectedAnswer, match=r"\(authentication\)"):
        run(authenticate(scheme, 0, ZERO), lambda _apdu: h(answer))


@SCHEMES
@pytest.mark.parametrize(("passes", "detail"), [(0, "unfinished"), (1, "nothing")])
def test_a_reader_that_brings_no_answer_is_unexpected(scheme, passes, detail):
    peer = Peer(scheme, ZERO)
    procedure = authenticate(scheme, 0, ZERO)
    steps = next(procedure)
    for _ in range(passes):
        steps = procedure.send([peer(step.apdu) for step in steps])
    with pytest.raises(UnexpectedAnswer, match=rf"\({detail}\)"):
        procedure.send([])


@SCHEMES
@given(data=st.data())
def test_any_answers_end_in_a_session_or_a_clear_refusal(scheme, data):
    peer = Peer(scheme, ZERO, RULES)
    odd = st.binary(max_size=40) | st.builds(
        lambda body, status: body + bytes((0x91, status)), st.binary(max_size=40), st.sampled_from(Status)
    )

    def transmit(apdu):
        genuine = peer(apdu)
        return data.draw(st.just(genuine) | odd)

    procedure = authenticate(scheme, 0, ZERO, first=[select_application(AID)], then=[get_key_version(0)])
    try:
        session, _ = run(procedure, transmit)
    except CardsError:
        return
    assert session.key_number == 0
