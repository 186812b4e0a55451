from __future__ import annotations

from collections.abc import Iterator

from sync import errors, fields


def family(root: type[errors.SyncError]) -> Iterator[type[errors.SyncError]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


def test_each_error_has_a_message_for_people_and_a_code_of_its_own() -> None:
    kinds = list(family(errors.SyncError))
    assert fields.RowRefused in kinds
    assert all(kind.__doc__ and kind.__doc__.rstrip().endswith(".") for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
