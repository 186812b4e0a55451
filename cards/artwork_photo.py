"""Pictures of persons, brought into one form: ICAO Doc 9303 part 3 asks for 35 x 45 mm."""

import struct
import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageOps

from cards.errors import PictureRefused
from cards.portrait import HEIGHT, LARGEST, MOST_PIXELS, WIDTH, Portrait

_QUALITY = 88
_FORMATS = ("JPEG", "PNG")
_TURNS: Mapping[Any, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by its orientation (Exif 3.0 section 4.6.5). Pillow's own way writes all other tags
anew, and fails on those that some cameras get wrong."""


def passport(picture: bytes) -> Portrait:
    """The middle of a JPEG or PNG in the form of a passport photo, upright; everything that goes with it is dropped.

    Raises:
        PictureRefused: no such picture, larger than `LARGEST` bytes or `MOST_PIXELS`, or too small to be one.
    """
    if len(picture) > LARGEST:
        raise PictureRefused("too large")
    try:
        # what Pillow only warns of may be a few bytes that unpack to gigabytes
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(picture), formats=_FORMATS) as opened:
                return Portrait(_encoded(_upright(opened)))
    except (
        OSError,
        ValueError,
        SyntaxError,
        struct.error,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise PictureRefused("unreadable") from error


def _upright(opened: Image.Image) -> Image.Image:
    if opened.width * opened.height > MOST_PIXELS:
        raise PictureRefused("too many pixels")
    opened.draft("RGB", (WIDTH * 2, HEIGHT * 2))
    # PNG may tell how it lies only behind its pixels
    opened.load()
    turn = _TURNS.get(opened.getexif().get(ExifTags.Base.Orientation))
    turned = opened if turn is None else opened.transpose(turn)
    if turned.width < WIDTH or turned.height < HEIGHT:
        raise PictureRefused("too small")
    return _on_white(turned)


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    sheet = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(sheet, clear).convert("RGB")


def _encoded(picture: Image.Image) -> bytes:
    # a face stands above the middle of a portrait
    cut = ImageOps.fit(picture, (WIDTH, HEIGHT), Image.Resampling.LANCZOS, centering=(0.5, 0.35))
    cut.info.clear()
    written = BytesIO()
    cut.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()
