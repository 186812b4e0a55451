"""Structured JSON logs with a redaction processor: no personal code and no secret leaves through a log line."""

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

request_id: ContextVar[str] = ContextVar("request_id", default="-")

_SECRET_KEYS = re.compile(r"password|secret|token|code|name|authorization|cookie|passphrase", re.IGNORECASE)
_PERSONAL_CODE = re.compile(r"(?<!\d)\d{6}-?\d{5}(?!\d)")
_CREDENTIAL = re.compile(r"AM[12]:[0-9A-Z $%*+\-./:]{16,}")
_KEPT_KEYS = frozenset({"error_code", "status_code", "logger_name"})


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Masks values whose key names a secret, and personal codes and credentials inside any text."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: Any) -> Any:
    if key not in _KEPT_KEYS and _SECRET_KEYS.search(key):
        return "[redacted]"
    if isinstance(value, str):
        return scrub(value)
    return value


def scrub(text: str) -> str:
    """`text` without personal codes and credential texts."""
    return _CREDENTIAL.sub("[credential]", _PERSONAL_CODE.sub("[personal code]", text))


def _with_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["request_id"] = request_id.get()
    return event


class _RedactedStandardLog(logging.Formatter):
    """Lines of libraries that use the standard logging module, in the same JSON and as clean."""

    def format(self, record: logging.LogRecord) -> str:
        event: EventDict = {"event": record.getMessage(), "level": record.levelname.lower(), "logger_name": record.name}
        if record.exc_info:
            event["exception"] = scrub(self.formatException(record.exc_info))
        rendered = structlog.processors.JSONRenderer(ensure_ascii=False)(None, "", redact(None, "", event))
        return rendered if isinstance(rendered, str) else rendered.decode()


def configure(level: str) -> None:
    """Sets up logging for this process: JSON lines on standard error, nothing else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactedStandardLog())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request_id,
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
