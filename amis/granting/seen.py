"""What of a version a form has shown: whoever acts on it acts on what they have read."""

from datetime import datetime

from amis.granting.errors import VersionChanged


def seen_at(typed: str) -> datetime | None:
    """When the version that a form showed had been changed last; None where the form does not tell.

    Raises:
        VersionChanged: the form tells no instant.
    """
    try:
        return datetime.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise VersionChanged from error
