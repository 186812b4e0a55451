"""The commands that read and write a card's own content, in a session with the update key."""

from collections.abc import Iterator

from cards.desfire.command import Command
from cards.desfire.commands import commit, credit, debit, get_value, read_data, value_of, write_data
from cards.profile.content import Image
from cards.profile.layout import CREDENTIAL_FILE, ENTITLEMENT_FILE, HEADER_FILE, HOLDER_FILE, QUOTA_FILE, File


def read_all() -> list[Command]:
    """Holder, credential and entitlements whole, and the quota."""
    return [*map(_read, (HOLDER_FILE, CREDENTIAL_FILE, ENTITLEMENT_FILE)), read_quota()]


def _read(file: File) -> Command:
    return read_data(file.number, 0, file.size, file.mode)


def read_quota() -> Command:
    """The counter of file 05 (`value_of`)."""
    return get_value(QUOTA_FILE.number, QUOTA_FILE.mode)


def changes(image: Image, found: list[bytes], quota: int) -> list[Command]:
    """From what `read_all` brought to the files of `image` and to `quota`; none where it is all there."""
    holder, credential, entitlements, value = found
    at_once = [] if holder == image.holder else [_write(HOLDER_FILE, image.holder)]
    together = [
        *([] if credential == image.credential else [_write(CREDENTIAL_FILE, image.credential)]),
        *([] if entitlements == image.entitlements else [_write(ENTITLEMENT_FILE, image.entitlements)]),
        *counted(value_of(value), quota),
    ]
    return [*at_once, *together, commit()] if together else at_once


def _write(file: File, content: bytes) -> Command:
    return write_data(file.number, 0, content, file.mode)


def counted(had: int, wanted: int) -> Iterator[Command]:
    """The counter from `had` to `wanted`."""
    if wanted > had:
        yield credit(QUOTA_FILE.number, wanted - had, QUOTA_FILE.mode)
    elif wanted < had:
        yield debit(QUOTA_FILE.number, had - wanted, QUOTA_FILE.mode)


def write_all(image: Image, had: int, quota: int) -> list[Command]:
    """All of `image`, the counter from `had` to `quota`, and behind their commit the header: the seal."""
    return [
        _write(HOLDER_FILE, image.holder),
        _write(CREDENTIAL_FILE, image.credential),
        _write(ENTITLEMENT_FILE, image.entitlements),
        *counted(had, quota),
        commit(),
        seal(image.header),
    ]


def seal(header: bytes) -> Command:
    """File 01."""
    return _write(HEADER_FILE, header)
