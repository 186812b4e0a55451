"""Pictures as people send them, brought into one form or refused."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from cards.artwork_photo import passport
from cards.errors import PictureRefused
from cards.portrait import HEIGHT, LARGEST, WIDTH


def picture(size: tuple[int, int] = (900, 1200), form: str = "JPEG", mode: str = "RGB", **more: object) -> bytes:
    """A picture whose upper half is red and whose lower half is blue."""
    drawn = Image.new("RGB", size, "blue")
    drawn.paste("red", (0, 0, size[0], size[1] // 2))
    written = BytesIO()
    drawn.convert(mode).save(written, form, **more)
    return written.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (3000, 2000), (900, 4000)])
def test_every_picture_becomes_a_jpeg_of_one_size(form: str, size: tuple[int, int]) -> None:
    made = opened(passport(picture(size, form)).jpeg)
    assert (made.format, made.size, made.mode) == ("JPEG", (WIDTH, HEIGHT), "RGB")


def test_a_picture_taken_sideways_is_turned_and_says_nothing_of_the_camera() -> None:
    tags = Image.Exif()
    tags[0x0112] = 3  # upside down
    tags[0x010F] = "Camera of Anna"
    made = passport(picture(exif=tags, comment=b"Liela iela 11"))
    assert b"Anna" not in made.jpeg
    assert b"iela" not in made.jpeg
    top = opened(made.jpeg).getpixel((WIDTH // 2, 10))
    assert isinstance(top, tuple)
    assert top[2] > top[0]


HELD = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What a camera does to a picture when it is held so: the orientations of Exif."""


def lying(orientation: int) -> bytes:
    """The picture of `picture` as a camera held in that orientation keeps it, with a width that is no number."""
    drawn, tags, written = opened(picture()), Image.Exif(), BytesIO()
    if orientation in HELD:
        drawn = drawn.transpose(HELD[orientation])
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.Make] = "maker"
    drawn.save(written, "JPEG", exif=tags)
    made, width = (struct.pack(">HH", tag, 2) for tag in (ExifTags.Base.Make, ExifTags.Base.ImageWidth))
    assert made in written.getvalue()
    return written.getvalue().replace(made, width, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_however_the_camera_was_held_the_head_is_up(orientation: int) -> None:
    made = opened(passport(lying(orientation)).jpeg)
    top, bottom = made.getpixel((WIDTH // 2, 10)), made.getpixel((WIDTH // 2, HEIGHT - 10))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > top[2], bottom[2] > bottom[0]) == (True, True)


def test_what_is_transparent_is_white() -> None:
    drawn, written = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0)), BytesIO()
    drawn.save(written, "PNG")
    assert opened(passport(written.getvalue()).jpeg).getpixel((5, 5)) == (255, 255, 255)


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 100,000 x 100,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        picture((WIDTH - 1, HEIGHT)),
        picture(form="GIF", mode="P"),
        picture()[:-2000],
        bytes(LARGEST + 1),
        bomb(),
    ],
    ids=["nothing", "another format", "too small", "gif", "cut off", "too large", "bomb"],
)
def test_what_is_no_picture_for_a_card_is_refused(content: bytes) -> None:
    with pytest.raises(PictureRefused):
        passport(content)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_a_damaged_picture_is_refused_or_read_and_nothing_else(at: int, noise: bytes) -> None:
    whole = picture((WIDTH, HEIGHT))
    damaged = whole[:at] + noise + whole[at + len(noise) :]
    try:
        made = passport(damaged)
    except PictureRefused:
        return
    assert opened(made.jpeg).size == (WIDTH, HEIGHT)
