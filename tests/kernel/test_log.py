import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from amis.kernel import log

CODES = ["120584-12345", "12058412345", "32345678901", "323456-78901"]
CREDENTIAL = "AM1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23"


Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Reads what was logged so far."""
    sink = io.StringIO()
    before = logging.root.handlers[:], logging.root.level
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", sink)
        log.configure("INFO")
    yield lambda: [json.loads(line) for line in sink.getvalue().splitlines()]
    logging.root.handlers[:], logging.root.level = before
    structlog.reset_defaults()


@pytest.mark.parametrize("code", CODES)
def test_a_personal_code_never_leaves_through_a_log_line(lines: Lines, code: str) -> None:
    structlog.get_logger().warning(f"person {code}", reason=f"/persons?q={code}&x=1")
    logging.getLogger("somebody.else").error("failed for %s", code)
    text = json.dumps(lines())
    assert code not in text
    assert text.count("[personal code]") == 3


def test_a_credential_and_what_a_key_calls_secret_are_masked(lines: Lines) -> None:
    structlog.get_logger().info(f"shown {CREDENTIAL}", password="a", session_token="b", authorization="c", Cookie="d")
    (line,) = lines()
    assert CREDENTIAL not in line["event"]
    assert {line[key] for key in ("password", "session_token", "authorization", "Cookie")} == {"[redacted]"}


def test_an_exception_is_as_clean_as_its_line(lines: Lines) -> None:
    try:
        raise ValueError(f"no person {CODES[0]}")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("somebody.else").exception("failed")
    ours, theirs = lines()
    assert CODES[0] not in json.dumps([ours, theirs])
    assert "ValueError" in ours["exception"]
    assert "ValueError" in theirs["exception"]


def test_each_line_says_when_in_utc_how_bad_and_for_which_request(lines: Lines) -> None:
    bound = log.request_id.set("request-1")
    structlog.get_logger().warning("seen")
    log.request_id.reset(bound)
    (line,) = lines()
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["request_id"]) == ("warning", "request-1")


@given(text=st.text())
def test_nothing_logged_starts_a_line_of_its_own(text: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (text + '\n{"event": "forged"}',), None)
    rendered = log._RedactedStandardLog().format(record)
    assert "\n" not in rendered
    assert json.loads(rendered)["level"] == "info"


def test_what_lies_deeper_is_as_clean(lines: Lines) -> None:
    structlog.get_logger().info("seen", rows=[{"code": "x", "note": CODES[1]}], fault=ValueError(CODES[0]), count=3)
    structlog.get_logger().info("numbers", number=int(CODES[1]), share=0.5, found=True, nothing=None)
    first, second = lines()
    assert first["rows"] == [{"code": "[redacted]", "note": "[personal code]"}]
    assert (first["fault"], first["count"]) == ("[personal code]", 3)
    assert (second["number"], second["share"], second["found"]) == ("[personal code]", 0.5, True)
    assert second["nothing"] is None


def test_a_terminal_that_shows_the_log_is_told_nothing() -> None:
    orders = "\x1b[2J\x9b2J\x7f\x85\u2028"
    record = logging.LogRecord("x", logging.INFO, "", 0, orders, None, None)
    rendered = log._RedactedStandardLog().format(record)
    assert rendered.isprintable()
    assert json.loads(rendered)["event"] == orders


def test_a_library_s_line_says_when_and_for_which_request(lines: Lines) -> None:
    logging.getLogger("somebody.else").warning("seen")
    (line,) = lines()
    assert line["timestamp"].endswith("+00:00")
    assert (line["logger_name"], line["request_id"]) == ("somebody.else", "-")


def test_the_row_that_did_not_fit_stays_out_of_the_log(lines: Lines) -> None:
    quoted = 'DETAIL:  Failing row contains (1, Ilze\nZālīte, 1984-05-17).\nCONTEXT:  JSON data, line 1: {"a":"Ilze"'
    structlog.get_logger().error("failed", reason=f"new row violates a check\n{quoted}\n[SQL: INSERT]")
    (line,) = lines()
    assert "Ilze" not in line["reason"]
    assert "Zālīte" not in line["reason"]
    assert "new row violates a check" in line["reason"]
    assert line["reason"].endswith("[SQL: INSERT]")


def test_eleven_digits_inside_an_id_are_no_personal_code() -> None:
    ids = "01997bd2-7c5e-7abc-8def-a12345678901 and 01997bd2-7c5e-7abc-8def-12345678901F"
    assert log.scrub(ids) == ids
    assert log.scrub(f"{ids} 123456-78901") == f"{ids} [personal code]"
