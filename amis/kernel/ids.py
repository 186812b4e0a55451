"""Identifiers: UUIDv7 (RFC 9562 section 5.7), so that primary keys grow with time."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh time-ordered identifier."""
    return uuid_utils.compat.uuid7()
