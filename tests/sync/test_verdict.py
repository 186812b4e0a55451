from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import AnswerUnreadable
from sync.verdict import EventVerdict, RowCode, RowError, Verdict, answer_from_json, answer_to_json, rejected

_ids = st.none() | st.text(max_size=10)
_plain = st.builds(EventVerdict, _ids, st.sampled_from(Verdict))
_rejected = st.builds(RowError, st.sampled_from(RowCode), st.text(max_size=10), _ids).map(rejected)


@given(st.lists(_plain | _rejected, max_size=5))
def test_an_answer_is_read_back(verdicts: list[EventVerdict]) -> None:
    assert answer_from_json(answer_to_json(verdicts)) == tuple(verdicts)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"verdicts": 1},
        {"verdicts": [1]},
        {"verdicts": [{"id": "1"}]},
        {"verdicts": [{"id": "1", "verdict": "perhaps"}]},
        {"verdicts": [{"id": "1", "verdict": "rejected", "error": {"code": "odd", "pointer": ""}}]},
        {"verdicts": [{"id": "1", "verdict": "rejected", "error": "odd"}]},
    ],
)
def test_another_answer_is_unreadable(body: Any) -> None:
    with pytest.raises(AnswerUnreadable):
        answer_from_json(body)
