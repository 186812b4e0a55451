"""The contract from the terminal's side agrees with the service's own reading of it."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.validating.body import Answer as Answered
from amis.validating.body import Card, Shown, TapBody, Text, read
from terminals.errors import AnswerUnreadable
from terminals.message import CardShown, Tap, read_answer

AMOUNTS = st.decimals(min_value=0, max_value=999999, places=4, allow_nan=False, allow_infinity=False)


@given(
    seq=st.integers(0, 2**53 - 1),
    token=st.text(alphabet="ABC0123:%*+-./$ ", min_size=1, max_size=700),
    at=st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    gross=AMOUNTS,
    place=st.none() | st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True),
    companions=st.integers(0, 9),
)
def test_the_service_reads_every_tap_as_the_terminal_meant_it(
    seq: int, token: str, at: datetime, gross: Decimal, place: str | None, companions: int
) -> None:
    tap = Tap(token, at, gross, place, companions=companions)
    body = read(tap.body(seq), TapBody)
    assert (body.seq, body.token, body.at, Decimal(body.gross)) == (seq, token, at, gross)
    assert (body.place, body.product, body.companions) == (place, "single", companions)


@given(st.binary(min_size=7, max_size=7), st.binary(min_size=1, max_size=256), st.integers(0, 1))
def test_the_service_reads_every_card_as_the_terminal_read_it(uid: bytes, credential: bytes, tier: int) -> None:
    tap = Tap(CardShown(uid, credential, tier), datetime(2026, 3, 10, tzinfo=UTC), Decimal("0.85"))
    assert read(tap.body(1), TapBody).token == Shown(card=Card(uid=uid.hex(), credential=credential, tier=tier))


def test_a_card_without_a_credential_says_nothing_of_one() -> None:
    tap = Tap(CardShown(bytes(7), b"", 1), datetime(2026, 3, 10, tzinfo=UTC), Decimal("0.85"))
    assert read(tap.body(1), TapBody).token == Shown(card=Card(uid="0" * 14, tier=1))


def test_the_terminal_reads_the_services_answer() -> None:
    said = Answered(7, "ACCEPT", "OK", "0.4250", "0.4250", 0, False, 19, None, "use", Text("Derīgs", "Valid"))
    answer = read_answer(msgspec.json.encode(said))
    assert answer.accepted
    assert (answer.seq, answer.payable, answer.quota_left, answer.use) == (7, Decimal("0.425"), 19, "use")
    assert answer.text == {"lv": "Derīgs", "en": "Valid"}


@given(st.binary(max_size=200))
def test_an_answer_of_another_kind_is_refused_and_nothing_else_happens(content: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read_answer(content)
