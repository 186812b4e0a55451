"""The service's errors: one tree, the docstring is the message, `code` is stable, `status` is the HTTP answer.

`members` are further members of the problem document (RFC 9457 section 3.2).
"""

from collections.abc import Mapping
from typing import ClassVar


class AmisError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    members: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str = "", *, pointer: str = "") -> None:
        """`detail` adds to the message; `pointer` (RFC 6901) names the place in the input."""
        self.detail = detail
        self.pointer = pointer
        super().__init__(detail or self.title)

    @property
    def title(self) -> str:
        """The message that belongs to the class."""
        return " ".join((type(self).__doc__ or "").split())


class Invalid(AmisError):
    """The input is not valid."""

    code = "invalid"
    status = 422


class Malformed(AmisError):
    """The input cannot be read."""

    code = "malformed"
    status = 400


class SheetUnreadable(Malformed):
    """The file is no list or table that can be read: CSV and XLSX are."""

    code = "sheet_unreadable"


class Unauthenticated(AmisError):
    """Sign in first."""

    code = "unauthenticated"
    status = 401


class Forbidden(AmisError):
    """You have no permission for this."""

    code = "forbidden"
    status = 403


class PurposeMissing(Forbidden):
    """Say for what purpose you open this person's data."""

    code = "purpose_missing"


class NotFound(AmisError):
    """There is no such record."""

    code = "not_found"
    status = 404


class Conflict(AmisError):
    """This contradicts what is already recorded."""

    code = "conflict"
    status = 409


class TooLarge(AmisError):
    """The body is larger than this address takes."""

    code = "too_large"
    status = 413


class UnsupportedMedia(AmisError):
    """This content type is not accepted here."""

    code = "unsupported_media"
    status = 415


class TooManyRequests(AmisError):
    """Too many requests: wait and try again."""

    code = "too_many_requests"
    status = 429


class Unavailable(AmisError):
    """The service cannot answer now: try again in a moment."""

    code = "unavailable"
    status = 503
