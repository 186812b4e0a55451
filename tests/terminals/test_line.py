"""The upload line: the service reads every one as the terminal meant it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.validating.lines import read
from rules.claim import Decision, Proof, Verdict
from rules.reason import Reason
from terminals.errors import AnswerUnreadable
from terminals.line import BEFORE_FIRST, Decided, digest, read_outcomes
from terminals.message import Tap

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
EUROS = st.decimals(min_value=0, max_value=999999, places=4, allow_nan=False, allow_infinity=False)
HEX = "0123456789abcdef"
CTI, UID = st.text(HEX, min_size=16, max_size=16), st.text(HEX, min_size=14, max_size=14)
STATUS, SECOND = st.integers(0, 2**32 - 1), st.integers(0, 2**33)
TOKENS = (
    st.none()
    | st.fixed_dictionaries({"status": STATUS}, optional={"cti": CTI, "presented": SECOND, "uid": UID})
    | st.fixed_dictionaries({"uid": UID})
    | st.fixed_dictionaries({"number": st.just("7K3M7K3M7K3M7K3M")})
)


@st.composite
def decided(draw: st.DrawFn) -> Decided:
    """Any tap with any decision."""
    companions = draw(st.integers(0, 9))
    at = datetime.fromtimestamp(draw(st.integers(0, 2**32)), UTC)
    place = draw(st.none() | st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True))
    tap = Tap("text", at, draw(EUROS), place, draw(st.sampled_from(["single", "day"])), companions)
    verdict, window = draw(st.sampled_from(Verdict)), draw(st.none() | st.dates())
    used = draw(st.text(HEX, min_size=32, max_size=32)) if verdict is not Verdict.DENY else None
    decision = Decision(
        verdict,
        draw(st.sampled_from(Reason)),
        min(tap.gross, draw(EUROS)),
        draw(st.integers(0, companions)),
        draw(st.none() | st.integers(0, 100)),
        draw(st.booleans()),
        draw(st.none() | st.integers(0, 2**40)),
        used,
        window if used else None,
        draw(st.integers(0, 10_000)),
    )
    seq, token, proof = draw(st.integers(0, 2**53 - 1)), draw(TOKENS), draw(st.sampled_from(Proof))
    revision = draw(st.integers(1, 9)) if used else None
    reserve = "0190c4f2-0000-7000-8000-000000000001" if used and draw(st.booleans()) else None
    doubtful, sampled = draw(st.booleans()), draw(st.booleans())
    return Decided(seq, tap.body(seq), tap, token, proof, decision, revision, reserve, doubtful, sampled)


@given(decided())
def test_the_service_reads_every_line_as_the_terminal_meant_it(made: Decided) -> None:
    line = made.line(BEFORE_FIRST)
    (sent,) = read([line])
    assert sent.fault is None, sent.fault
    assert sent.line is not None
    assert sent.digest == digest(line)
    said, decision = sent.line, made.decision
    assert (said.seq, said.prev, said.sha, said.at) == (made.seq, BEFORE_FIRST, digest(made.body), made.tap.at)
    assert (said.verdict, said.reason, Decimal(said.payable)) == (
        decision.verdict,
        decision.reason.name,
        decision.payable,
    )
    assert (said.code, said.window, said.quota_left) == (decision.code, decision.window, decision.quota_left)
    assert (said.place, said.companions, said.accompanied) == (made.tap.place, made.tap.companions, decision.companions)
    assert (said.clock_doubtful, said.text is not None) == (made.clock_doubtful, made.sampled)
    assert (said.reserve is not None, said.proof) == (made.reserve is not None, made.proof)
    token = said.token
    assert ({} if token is None else {name: getattr(token, name) for name in made.token or {}}) == (made.token or {})


def test_a_line_says_no_more_than_it_has_to() -> None:
    tap = Tap("text", NOW, Decimal("0.85"))
    line = Decided(7, tap.body(7), tap, None, Proof.NONE, Decision(Verdict.DENY, Reason.MALFORMED, tap.gross))
    said = json.loads(line.line(BEFORE_FIRST))
    assert set(said) == {
        *("seq", "sha", "prev", "at", "token", "proof", "gross", "product", "companions"),
        *("verdict", "reason", "payable", "accompanied", "check_photo"),
    }


def test_units_are_named_only_with_their_window() -> None:
    tap = Tap("text", NOW, Decimal("0.85"))
    decision = Decision(Verdict.ACCEPT, Reason.OK, Decimal(0), code="c" * 32, window=date(2026, 3, 1), units=1)
    line = Decided(7, tap.body(7), tap, None, Proof.NONE, decision, 2).line(BEFORE_FIRST)
    assert (json.loads(line)["units"], json.loads(line)["window"]) == (1, "2026-03-01")


def test_outcomes_are_read_in_their_order() -> None:
    said = b'{"seq":2,"outcome":"recorded","use":null,"conflicts":[]}\n{"seq":1,"outcome":"refused","code":"invalid"}\n'
    assert [(outcome.seq, outcome.outcome) for outcome in read_outcomes(said)] == [(2, "recorded"), (1, "refused")]


@pytest.mark.parametrize("said", [b"<html>\n", b'{"seq":1}\n', b'{"seq":1,"outcome":"lost"}\n', b"[]\n", b"\xff\n"])
def test_another_answer_is_no_outcome(said: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read_outcomes(said)
