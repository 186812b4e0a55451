from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.digest import BUCKETS, Digest, differing, digest_from_json, digest_of
from sync.errors import AnswerUnreadable
from sync.notice import Op
from sync.order import LedgerEntry

_records = st.dictionaries(
    st.text(min_size=1, max_size=5), st.tuples(st.integers(1, 9), st.sampled_from(list(Op))), max_size=30
)
Records = dict[str, tuple[int, Op]]


def summed(records: Records) -> Digest:
    found = Digest("sopa")
    for record_id, (version, op) in records.items():
        found.add(record_id, version, op)
    return found


def test_one_record_is_its_own_digest_in_the_bucket_of_its_id() -> None:
    body = summed({"S-1": (7, Op.UPSERT)}).to_json()
    number = hashlib.sha256(b"S-1").digest()[0]
    assert body["buckets"][number] == {"count": 1, "value": hashlib.sha256(b"S-1\x1f7\x1fupsert").hexdigest()}
    assert (body["source"], body["as_of"], body["count"], len(body["buckets"])) == ("sopa", None, 1, BUCKETS)
    assert sum(bucket["count"] for bucket in body["buckets"]) == 1


@given(_records, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_count(records: Records, rng: random.Random) -> None:
    shuffled = list(records.items())
    rng.shuffle(shuffled)
    assert summed(dict(shuffled)) == summed(records)
    assert digest_from_json(summed(records).to_json()) == summed(records)


@given(_records, st.data())
def test_any_difference_shows_in_the_bucket_of_its_record(records: Records, data: st.DataObject) -> None:
    record_id = data.draw(st.text(min_size=1, max_size=5))
    version, op = records.get(record_id, (0, Op.UPSERT))
    other = records | {record_id: (version + 1, op)}
    assert differing(summed(records), summed(other)) == [hashlib.sha256(record_id.encode()).digest()[0]]
    assert differing(summed(records), summed(records)) == []


def test_withdrawals_below_the_last_snapshot_are_left_out() -> None:
    entries = {"S-1": LedgerEntry(1, Op.UPSERT, b""), "S-2": LedgerEntry(5, Op.WITHDRAW, b"")}
    kept = entries | {"S-3": LedgerEntry(6, Op.WITHDRAW, b"")}
    assert digest_of("sopa", kept, floor=5).buckets == summed({"S-1": (1, Op.UPSERT), "S-3": (6, Op.WITHDRAW)}).buckets
    assert digest_of("sopa", kept).count == 3


@pytest.mark.parametrize("body", [None, {}, {"source": "s", "as_of": None, "buckets": []}, {"buckets": 7}])
def test_an_answer_that_is_no_digest_is_told(body: object) -> None:
    with pytest.raises(AnswerUnreadable):
        digest_from_json(body)
