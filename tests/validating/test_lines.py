"""A line is read strictly and for itself, whatever bytes it consists of."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.kernel.errors import AmisError
from amis.validating.errors import NoLines, TooManyLines
from amis.validating.lines import MOST_LINES, read, split

GOOD = {
    "seq": 7,
    "sha": "a" * 64,
    "prev": "0" * 64,
    "at": "2026-11-22T08:15:00+02:00",
    "token": {"status": 131073, "cti": "0" * 16},
    "proof": "static",
    "gross": "0.8500",
    "companions": 1,
    "verdict": "ACCEPT",
    "reason": "OK",
    "payable": "0.0000",
    "accompanied": 1,
    "code": "0" * 32,
    "revision": 1,
    "window": "2026-11-01",
    "reserve": "0190a0b0-0000-7000-8000-000000000000",
    "text": '{"seq":7}',
}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    (sent,) = read([raw])
    assert sent.digest == sha256(raw).hexdigest()
    assert sent.line is None
    assert isinstance(sent.fault, AmisError)


@given(st.data())
def test_a_line_with_any_other_value_is_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(GOOD)))
    odd = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=70), st.lists(st.none()), st.just({}))
    (sent,) = read([json.dumps(GOOD | {name: data.draw(odd)}).encode()])
    assert (sent.line is None) == (sent.fault is not None)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " : ")])
def test_a_line_may_be_spaced_as_its_writer_likes(separators: tuple[str, str]) -> None:
    (sent,) = read([json.dumps(GOOD, separators=separators).encode()])
    assert sent.fault is None
    assert sent.line is not None
    assert sent.line.seq == sent.seq == 7


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"seq": -1}, "/seq"),
        ({"seq": "7"}, "/seq"),
        ({"sha": "A" * 64}, "/sha"),
        ({"at": "2026-11-22T08:15:00"}, "/at"),
        ({"token": {}}, "/token"),
        ({"token": {"status": 1 << 32}}, "/token/status"),
        ({"token": {"uid": "04"}}, "/token/uid"),
        ({"proof": "shouted"}, "/proof"),
        ({"gross": "1,00"}, "/gross"),
        ({"gross": "0.10", "payable": "0.11"}, "/payable"),
        ({"gross": "1.0000", "payable": "99"}, "/payable"),
        ({"verdict": "MAYBE"}, "/verdict"),
        ({"reason": "BECAUSE"}, "/reason"),
        ({"accompanied": 2}, "/accompanied"),
        ({"code": None}, "/code"),
        ({"revision": 0}, "/revision"),
        ({"text": "x" * 4097}, "/text"),
        ({"more": 1}, "/more"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(changed: dict[str, object], pointer: str) -> None:
    (sent,) = read([json.dumps(GOOD | changed).encode()])
    assert sent.fault is not None
    assert (sent.fault.code, sent.fault.pointer) == ("invalid", pointer)


@pytest.mark.parametrize(
    ("changed", "seq", "prev"),
    [({"gross": "1,00"}, 7, "0" * 64), ({"seq": True}, None, "0" * 64), ({"prev": 1}, 7, None)],
)
def test_a_refused_line_keeps_its_number_and_the_line_before_it(
    changed: dict[str, object], seq: int | None, prev: str | None
) -> None:
    (sent,) = read([json.dumps(GOOD | changed).encode()])
    assert (sent.line, sent.seq, sent.prev) == (None, seq, prev)


@pytest.mark.parametrize("torn", [b'"seq":7,"seq":8', b'"seq" : 7, "seq" : 8', b'"seq":7,"\\u0073eq":8'])
def test_a_name_that_comes_twice_is_refused(torn: bytes) -> None:
    raw = json.dumps(GOOD, separators=(",", ":")).encode().replace(b'"seq":7', torn, 1)
    (sent,) = read([raw])
    assert sent.fault is not None
    assert sent.fault.code == "malformed"


def test_a_body_has_lines_but_not_too_many() -> None:
    assert split(b"a\nb") == split(b"a\nb\n") == [b"a", b"b"]
    assert split(b"a\n\nb\n") == [b"a", b"", b"b"]
    assert len(split(b"{}\n" * MOST_LINES)) == MOST_LINES
    with pytest.raises(TooManyLines):
        split(b"{}\n" * (MOST_LINES + 1))
    with pytest.raises(NoLines):
        split(b"")
