"""Identifiers of RFC 9562 section 5.7."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from amis.kernel.ids import new_id


def test_an_identifier_is_of_version_7_and_tells_its_instant() -> None:
    made = new_id()
    assert (made.version, made.variant) == (7, RFC_4122)
    told = datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=1)


def test_identifiers_grow_and_never_repeat() -> None:
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(set(made))
