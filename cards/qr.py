"""QR symbols of our texts: alphanumeric mode, one-path SVG, small PNG (ISO/IEC 18004).

Level M for screens, Q for print.
"""

import zlib
from collections.abc import Iterator
from html import escape
from itertools import groupby
from struct import pack

from qrcode import constants
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from cards.base45 import ALPHABET
from cards.errors import Unencodable

LEVELS = {"M": constants.ERROR_CORRECT_M, "Q": constants.ERROR_CORRECT_Q}
QUIET = 4
LONGEST = 700
LONGEST_ADDRESS = 300
Matrix = tuple[tuple[bool, ...], ...]
# short enough that every error-correction block of every version holds the non-zero head of a segment
_SEGMENT = 16


def matrix(text: str, level: str = "M") -> Matrix:
    """The dark modules of `text`'s symbol, without quiet zone; Unencodable for foreign characters or over-long text."""
    if level not in LEVELS or not 0 < len(text) <= LONGEST or not set(text) <= set(ALPHABET):
        raise Unencodable("qr: level M or Q, 1 to 700 alphanumeric characters")
    try:
        return _symbol([text], level)
    except ValueError:
        # qrcode cannot take the logarithm of a block that is all zeros: segment heads keep each block above zero
        return _symbol([text[at : at + _SEGMENT] for at in range(0, len(text), _SEGMENT)], level)


def _symbol(segments: list[str], level: str) -> Matrix:
    symbol = QRCode(error_correction=LEVELS[level])
    for segment in segments:
        symbol.add_data(QRData(segment.encode("ascii"), mode=MODE_ALPHA_NUM))
    symbol.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in symbol.modules)


def address_matrix(address: str) -> Matrix:
    """The dark modules of a web address (ASCII, at most 300 characters), for a phone's own camera; level M.

    It carries no credential: those keep to the alphabet that every decoder reads.
    """
    if not (address.isascii() and 0 < len(address) <= LONGEST_ADDRESS):
        raise Unencodable("qr: an ASCII address of 1 to 300 characters")
    symbol = QRCode(error_correction=LEVELS["M"])
    symbol.add_data(QRData(address.encode("ascii"), mode=MODE_8BIT_BYTE))
    symbol.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in symbol.modules)


def version(modules: Matrix) -> int:
    """The symbol's version, 1 (21 modules a side) to 40 (177)."""
    return (len(modules) - 17) // 4


def runs(row: tuple[bool, ...]) -> Iterator[tuple[int, int]]:
    """Each run of dark modules in a row: column and length."""
    x = 0
    for dark, group in groupby(row):
        length = sum(1 for _ in group)
        if dark:
            yield x, length
        x += length


def _path(modules: Matrix) -> str:
    """Horizontal strokes one module thick, each placed relative to the end of the one before."""
    steps = []
    for y, row in enumerate(modules):
        end = None
        for x, length in runs(row):
            steps.append(f"M{x + QUIET} {y + QUIET}.5" if end is None else f"m{x - end} 0")
            steps.append(f"h{length}")
            end = x + length
    return "".join(steps)


def svg(text: str, level: str = "M", *, label: str = "QR", classes: str = "") -> str:
    """A scalable symbol with its quiet zone, drawn as one path; no style attribute, so any strict CSP allows it."""
    return _drawn(matrix(text, level), label, classes)


def address_svg(address: str, *, label: str = "QR", classes: str = "") -> str:
    """The same drawing of a web address."""
    return _drawn(address_matrix(address), label, classes)


def _drawn(modules: Matrix, label: str, classes: str) -> str:
    side = len(modules) + 2 * QUIET
    css = f' class="{escape(classes)}"' if classes else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"{css} role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path stroke="#000" d="{_path(modules)}"/></svg>'
    )


def png(text: str, level: str = "M", *, scale: int = 8) -> bytes:
    """A black and white PNG (one bit a pixel) with its quiet zone; `scale` pixels a module (4 or more reads well)."""
    if scale < 1:
        raise Unencodable("qr: scale")
    modules = matrix(text, level)
    side = (len(modules) + 2 * QUIET) * scale
    margin = _line([False] * len(modules), scale) * (QUIET * scale)
    body = b"".join(_line(row, scale) * scale for row in modules)
    header = pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(margin + body + margin, 9)), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _line(row: tuple[bool, ...] | list[bool], scale: int) -> bytes:
    quiet = "1" * (QUIET * scale)
    bits = quiet + "".join(("0" if dark else "1") * scale for dark in row) + quiet
    size = (len(bits) + 7) // 8
    return b"\0" + int(bits.ljust(size * 8, "1"), 2).to_bytes(size)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
