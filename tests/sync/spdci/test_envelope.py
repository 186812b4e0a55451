from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.spdci.envelope import count, read_envelope, write_envelope
from sync.spdci.errors import (
    EncryptionInvalid,
    RegistryMessageRefused,
    RequestBad,
    SignatureMissing,
    VersionNotSupported,
)
from sync.spdci.key import draw_key
from tests.sync.spdci import samples
from tests.sync.spdci.test_canonical import JSON

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
WHOLE = json.loads(write_envelope(draw_key("k"), samples.header("notify"), samples.notified({}), AT))


def body(**members: Any) -> bytes:
    return json.dumps(WHOLE | members).encode()


def headed(**members: Any) -> bytes:
    return body(header=samples.header("notify", **members))


def test_a_header_is_read_as_the_samples_write_it() -> None:
    envelope = read_envelope(body())
    header = envelope.header
    assert (header.message_id, header.action, header.total_count) == ("m-1", "notify", 1)
    assert (header.sender_id, header.receiver_id) == (samples.REGISTRY, samples.OWN)
    assert header.message_ts == datetime(2026, 3, 10, 8, 0, 0, 555_000, tzinfo=UTC)
    assert envelope.message == WHOLE["message"]


def test_members_of_a_registrys_own_are_let_through_and_an_absent_message_is_empty() -> None:
    own = {name: value for name, value in (WHOLE | {"colour": "red"}).items() if name != "message"}
    assert read_envelope(json.dumps(own).encode()).message == {}


REFUSED: list[tuple[bytes, type[RegistryMessageRefused]]] = [
    (b"", RequestBad),
    (b"[]", RequestBad),
    (b'{"header": {}, "header": {}}', RequestBad),
    (body(header=None), RequestBad),
    (body(header=[]), RequestBad),
    (body(message="x"), RequestBad),
    (headed(message_id=""), RequestBad),
    (headed(message_id="x" * 100), RequestBad),
    (headed(message_id="a\nb"), RequestBad),
    (headed(sender_id=7), RequestBad),
    (headed(receiver_id=None), RequestBad),
    (headed(message_ts=""), RequestBad),
    (headed(total_count="many"), RequestBad),
    (headed(version="1.1.0"), VersionNotSupported),
    (headed(is_msg_encrypted=True), EncryptionInvalid),
    (body(message={"header": {}, "ciphertext": "x"}), EncryptionInvalid),
    (body(signature=None), SignatureMissing),
]


@pytest.mark.parametrize(("told", "error"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_message_is_refused(told: bytes, error: type[RegistryMessageRefused]) -> None:
    with pytest.raises(error):
        read_envelope(told)


def test_counts_are_whole_numbers_also_as_text() -> None:
    assert [count(value, "/n") for value in (3, "3", "", None)] == [3, 3, None, None]
    others: list[Any] = [-1, 1.5, True, "1.0", "٣", 10**10, []]
    for value in others:
        with pytest.raises(RequestBad):
            count(value, "/n")


@given(st.dictionaries(st.sampled_from([*samples.header("notify"), "x"]), JSON, max_size=4), JSON)
def test_reading_raises_nothing_but_its_own_errors(header: Any, message: Any) -> None:
    try:
        read_envelope(body(header=samples.header("notify") | header, message=message))
    except RegistryMessageRefused as refused:
        assert refused.code.startswith("err.")  # noqa: PT017 - what else is raised fails the test


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_message_or_refused(told: bytes) -> None:
    with pytest.raises(RegistryMessageRefused):
        read_envelope(told)
