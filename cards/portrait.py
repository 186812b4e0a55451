"""A person's picture on a card; `cards.artwork_photo` makes one, and only that needs the library of pictures."""

from dataclasses import dataclass

WIDTH, HEIGHT = 413, 531
"""Pixels of 35 x 45 mm at 300 dpi."""
LARGEST = 8 * 1024 * 1024
"""Bytes of a picture that is taken in."""
MOST_PIXELS = 50_000_000


@dataclass(frozen=True, slots=True, repr=False)
class Portrait:
    """A JPEG of `WIDTH` x `HEIGHT` pixels that tells nothing but the picture: no place, time or camera."""

    jpeg: bytes
