from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sync.errors import AnswerUnreadable
from sync.spdci.ack import Ack, AckStatus, ack_from_json

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "ack", [Ack(AckStatus.ACK, AT, "c-1"), Ack(AckStatus.ERR, AT, "c-2", "err.request.bad", "/header")]
)
def test_an_answer_is_read_as_it_was_written(ack: Ack) -> None:
    body = ack.to_json()
    assert ack_from_json(body, AT) == ack
    assert ("error" in body["message"]) == bool(ack.code)


@pytest.mark.parametrize("body", [None, [], {}, {"message": None}, {"message": {"ack_status": "OK"}}, {"message": 7}])
def test_what_is_no_answer_is_unreadable(body: Any) -> None:
    with pytest.raises(AnswerUnreadable):
        ack_from_json(body, AT)
