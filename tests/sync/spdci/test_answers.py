from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.spdci.answers import MOST_RECORDS, Action, read_answer
from sync.spdci.errors import RequestBad
from sync.spdci.parts import Page
from tests.sync.spdci import samples
from tests.sync.spdci.test_canonical import JSON

RECORD = samples.beneficiary(samples.JANIS)
INNER = {
    Action.ON_SEARCH: samples.found(RECORD),
    Action.ON_SUBSCRIBE: samples.subscribed("sub-1"),
    Action.ON_UNSUBSCRIBE: samples.unsubscribed("sub-1"),
}


def test_a_notification_holds_one_record_or_a_list_of_them() -> None:
    for message, count in ((samples.notified(RECORD), 1), (samples.notified(RECORD, RECORD), 2)):
        answer = read_answer(Action.NOTIFY, message)
        [part] = answer.parts
        assert (answer.transaction_id, part.reference_id, part.status) == ("t-1", "ref-1", "succ")
        assert part.records == (RECORD,) * count


@pytest.mark.parametrize("action", INNER)
def test_a_report_on_a_transaction_is_read_as_the_answer_inside_it(action: Action) -> None:
    assert read_answer(Action.ON_STATUS, samples.reported(INNER[action])) == read_answer(action, INNER[action])
    outer = samples.reported(INNER[action] | {"transaction_id": ""}) | {"transaction_id": "t-9"}
    assert read_answer(Action.ON_STATUS, outer).transaction_id == "t-9"


def test_subscriptions_are_known_by_their_codes() -> None:
    assert read_answer(Action.ON_SUBSCRIBE, samples.subscribed("a", "b")).parts[0].codes == ("a", "b")
    ended = samples.unsubscribed("a", "b")
    ended["subscription_status"][1]["status"] = "subscribe"
    assert read_answer(Action.ON_UNSUBSCRIBE, ended).parts[0].codes == ("a",)


def test_pages_are_counted_from_one_and_an_unknown_total_is_one_page() -> None:
    paging = {"page_size": "10", "page_number": 2, "total_count": 21}
    [part] = read_answer(Action.ON_SEARCH, samples.found(pagination=paging)).parts
    assert part.page == Page(2, 10, 21)
    assert [Page(1, 10, total).pages for total in (None, 0, 10, 11)] == [1, 1, 1, 2]
    [bare] = read_answer(Action.ON_SEARCH, samples.found(pagination=None)).parts
    assert bare.page is None


REFUSED: list[tuple[Action, Any, str]] = [
    (Action.NOTIFY, {}, "/message/notify_event"),
    (Action.NOTIFY, {"notify_event": [7]}, "/message/notify_event"),
    (Action.NOTIFY, samples.notified(RECORD) | {"transaction_id": 7}, "/message/transaction_id"),
    (Action.NOTIFY, samples.notified(RECORD, timestamp="soon"), "/message/notify_event/0/timestamp"),
    (Action.NOTIFY, samples.notified(RECORD, data=None), "/message/notify_event/0/data/reg_records"),
    (Action.NOTIFY, samples.notified(RECORD, 7), "/message/notify_event/0/data/reg_records"),
    (Action.ON_SEARCH, samples.found(status="ok"), "/message/search_response/0/status"),
    (Action.ON_SEARCH, samples.found(status=[]), "/message/search_response/0/status"),
    (Action.ON_SEARCH, samples.found(pagination=7), "/message/search_response/0/pagination"),
    (Action.ON_SEARCH, samples.found(reference_id={}), "/message/search_response/0/reference_id"),
    (Action.ON_SUBSCRIBE, samples.subscribed(subscriptions=7), "/message/subscribe_response/0/subscriptions"),
    (Action.ON_SUBSCRIBE, samples.subscribed(""), "/message/subscribe_response/0/subscriptions"),
    (Action.ON_UNSUBSCRIBE, samples.unsubscribed() | {"status": ""}, "/message/status"),
    (Action.ON_UNSUBSCRIBE, samples.unsubscribed() | {"subscription_status": [7]}, "/message/subscription_status"),
    (Action.ON_STATUS, {"txnstatus_response": {}}, "/message/txnstatus_response/txn_status"),
    (Action.ON_STATUS, samples.reported({"transaction_id": "t"}), "/message/txnstatus_response/txn_status"),
]


@pytest.mark.parametrize(("action", "message", "pointer"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_read_is_refused_with_its_place(action: Action, message: Any, pointer: str) -> None:
    with pytest.raises(RequestBad, match=f"^{pointer}$"):
        read_answer(action, message)


def test_a_message_with_too_many_records_is_refused_whole() -> None:
    assert read_answer(Action.NOTIFY, samples.notified(*[RECORD] * MOST_RECORDS))
    with pytest.raises(RequestBad):
        read_answer(Action.NOTIFY, samples.notified(*[{}] * (MOST_RECORDS + 1)))


MEMBERS = st.sampled_from(
    (
        *("transaction_id", "notify_event", "search_response", "subscribe_response", "subscription_status", "status"),
        *(
            "txnstatus_response",
            "txn_status",
            "timestamp",
            "data",
            "reg_records",
            "pagination",
            "subscriptions",
            "code",
        ),
    )
)
MESSAGE = st.recursive(
    JSON, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(MEMBERS, inner, max_size=4), max_leaves=10
)


@given(st.sampled_from(Action), st.dictionaries(MEMBERS, MESSAGE, max_size=5))
def test_reading_raises_nothing_but_its_own_error(action: Action, message: Any) -> None:
    try:
        read_answer(action, message)
    except RequestBad:
        return
