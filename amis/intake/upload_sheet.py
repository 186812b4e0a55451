"""The rows of an uploaded file, CSV or XLSX, as text."""

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from amis.intake.errors import UploadEmpty, UploadUnreadable, UploadUnreckoned
from amis.kernel import sheet
from amis.kernel.errors import SheetUnreadable
from sync.errors import FileUnreadable
from sync.files import MOST_ROWS, Rows, Table, read_table, trimmed
from sync.profile import Profile

XLSX = "xlsx"
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_CELL = re.compile(rb"<c\b([^>]*)>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
"""A cell with a formula and no result of it (ECMA-376 part 1 sections 18.3.1.4 and 18.3.1.40)."""


def read(content: bytes, profile: Profile) -> Table:
    """The rows with the encoding (`xlsx` for a workbook) and the mark that they were read by.

    Raises:
        UploadUnreadable: with what is wrong.
    """
    if not content:
        raise UploadEmpty
    try:
        if content.startswith((_ZIP, _OLD_EXCEL)):
            return Table(_workbook(content), XLSX, "")
        return read_table(content, profile.encoding, profile.delimiter)
    except (FileUnreadable, SheetUnreadable) as error:
        raise UploadUnreadable(getattr(error, "detail", "") or str(error)) from error


def _workbook(content: bytes) -> Rows:
    rows = [trimmed(row) for row in sheet.read(content, MOST_ROWS)]
    # after it was read, so that it is known to be of a size that may be unpacked
    if _has_unreckoned(content):
        raise UploadUnreckoned
    return rows


def _has_unreckoned(content: bytes) -> bool:
    """Whether a formula was never reckoned: its cell would be taken for an empty one, which may mean "no end"."""
    try:
        with ZipFile(BytesIO(content)) as packed:
            pages = [name for name in packed.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
            found = (cell[1] for name in pages for cell in _CELL.finditer(packed.read(name)))
            # the result of a formula may be the empty text, which is said by its type
            return any(b't="str"' not in about for about in found)
    except (BadZipFile, OSError, RuntimeError, ValueError) as error:
        raise SheetUnreadable(str(error)) from error
