"""Which files are being received just now, told by locks that end with the process that holds them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from amis.intake.errors import BatchInFlight


@contextmanager
def receiving(folder: Path, sender_id: UUID, key: str) -> Iterator[None]:
    """Holds the name that a sender gives a file while the file comes in.

    Raises:
        BatchInFlight: another request holds it.
    """
    place = folder / "arriving"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / sha256(f"{sender_id}|{key}".encode()).hexdigest()
    descriptor = _held(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _held(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise BatchInFlight from None
        if _is_that_of(path, descriptor):
            return descriptor
        # the one who held it has deleted it in between: the lock is on a file that nobody else will find
        os.close(descriptor)


def _is_that_of(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
