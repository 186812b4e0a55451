"""Files that are replaced whole or not at all, readable by their owner only."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cards.errors import KeyFileMissing


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` beside `path`, force it to disk, and rename it over; mode 0600."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        _write(draft, content)
        draft.replace(path)
    except OSError:
        # a draft that is cut off would only take room from the next one
        draft.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _write(draft: Path, content: bytes) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_file(path: Path) -> bytes:
    """The bytes of `path`; KeyFileMissing when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise KeyFileMissing(f"{path}: {problem.strerror}") from None


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file beside `path`: one process changes it at a time."""
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
