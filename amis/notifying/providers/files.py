"""Whole files in a folder, for whoever takes them from there: readable by their owner only."""

import os
from pathlib import Path


def put(folder: Path, name: str, content: bytes) -> None:
    """Writes a file at once or not at all, and waits until the disk has it; the same name again replaces it.

    Raises:
        OSError
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = folder / f".{name}.part"
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(folder / name)
