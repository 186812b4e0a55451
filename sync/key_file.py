"""Keys in a file, one a line."""

from __future__ import annotations

from sync.signature import PrivateKey, SharedKey, signing_key


def read_keys(text: str) -> list[SharedKey | PrivateKey]:
    """The signing keys of a secret file; the first of them is the newest. Raises `KeyUnreadable`."""
    return [signing_key(line) for line in text.splitlines() if line.strip()]
