"""Structured JSON logs with a redaction processor: no personal code and no secret leaves through a log line."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

request_id: ContextVar[str] = ContextVar("request_id", default="-")

_SECRET_KEYS = re.compile(r"password|secret|token|code|name|authorization|cookie|passphrase", re.IGNORECASE)
_UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_CODE_OUTSIDE_IDS = re.compile(rf"({_UUID})|(?<!\d)\d{{6}}-?\d{{5}}(?!\d)")
# What PostgreSQL adds to a message: the row that did not fit, the value at fault.
_ROW = re.compile(r"(DETAIL|CONTEXT):  .*?(?=\n[A-Z]+:  |\n\[SQL|\n\n|\Z)", re.DOTALL)
_CREDENTIAL = re.compile(r"AM[12]:[0-9A-Z $%*+\-./:]{16,}")
# JSON escapes the controls below space only; terminals obey those of ISO 6429 above, and some readers break lines.
_OBEYED = {control: f"\\u{control:04x}" for control in (*range(0x7F, 0xA0), 0x2028, 0x2029)}
_KEPT_KEYS = frozenset({"error_code", "status_code", "logger_name"})


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Masks values whose key names a secret, and personal codes and credentials inside any text."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: Any) -> Any:
    if key not in _KEPT_KEYS and _SECRET_KEYS.search(key):
        return "[redacted]"
    return _clean(value)


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {str(key): _redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    text = str(value)
    cleaned = without_rows(text)
    return value if isinstance(value, int | float) and cleaned == text else cleaned


def scrub(text: str) -> str:
    """`text` without personal codes and credential texts; eleven digits inside a UUID are no code."""
    return _CREDENTIAL.sub("[credential]", _CODE_OUTSIDE_IDS.sub(lambda found: found[1] or "[personal code]", text))


def without_rows(text: str) -> str:
    """`text` of an error, scrubbed, without the values that PostgreSQL quotes in it."""
    return scrub(_ROW.sub(r"\1:  [not shown]", text))


def _rendered(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return json.dumps(event, ensure_ascii=False).translate(_OBEYED)


def _with_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["request_id"] = request_id.get()
    return event


class _RedactedStandardLog(logging.Formatter):
    """Lines of libraries that use the standard logging module, in the same JSON and as clean."""

    def format(self, record: logging.LogRecord) -> str:
        event: EventDict = {"event": record.getMessage(), "level": record.levelname.lower(), "logger_name": record.name}
        event["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat()
        event["request_id"] = request_id.get()
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return _rendered(None, "", redact(None, "", event))


def configure(level: str) -> None:
    """Sets up logging for this process: JSON lines on standard error, nothing else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactedStandardLog())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # It logs the address of each request, which may hold what only its receiver should know.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request_id,
            structlog.processors.format_exc_info,
            redact,
            _rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
