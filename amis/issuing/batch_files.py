"""What goes to a bureau that prints cards, and how its answer is read. No key is ever in either.

The order is a ZIP file: `order.json`, `cards.jsonl` with one card a line, and the photos. The same order gives the same
bytes: entries are stored, in one order, without a time. What a receiver checks it against is a COSE_Sign1 (RFC 9052)
by the municipality's key over {1: municipality, 2: number of the order, 3: cards, 4: SHA-256 of the file}.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Literal
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from amis.web.i18n import mark
from cards import cbor, cose
from cards.errors import Malformed
from cards.face import Face
from cards.number import number_text, parse_number, readable_number

AAD = b"AMIS-BATCH"
"""What a signature over an order is bound to (external_aad)."""
COLUMNS = ("line", "number", "result", "uid", "note")
"""The columns of an answer, in this order, with or without a heading; the note may be left out."""
LONGEST_NOTE = 200
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_UID_SIZE = 7
Result = Literal["produced", "spoiled"]


@dataclass(frozen=True, slots=True)
class Order:
    """An order: the municipality's code, the number of the order in it, the card product, the day it was made."""

    municipality: str
    number: int
    product: str
    made_on: date


@dataclass(frozen=True, slots=True)
class Answered:
    """One line of an answer as it stands in row `row` of the file (counted from 1)."""

    row: int
    line: int
    number: str
    result: Result
    uid: bytes | None
    note: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row of an answer; `why` is a marked English text."""

    row: int
    why: str


def order_file(order: Order, faces: Sequence[Face]) -> bytes:
    """The file of an order; line 1 is the first of `faces`."""
    photos = {_photo(line): face.photo for line, face in enumerate(faces, 1) if face.photo is not None}
    cards = "".join(_json(_card(line, face)) for line, face in enumerate(faces, 1)).encode()
    head = {"format": "amis-card-order-1", "municipality": order.municipality, "order": order.number}
    head |= {"product": order.product, "made_on": order.made_on.isoformat(), "cards": len(faces)}
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as file:
        for name, content in {"order.json": _json(head).encode(), "cards.jsonl": cards, **photos}.items():
            file.writestr(ZipInfo(name, _LONG_AGO), content)
    return packed.getvalue()


def order_signature(order: Order, cards: int, file: bytes, signer: cose.Signer) -> bytes:
    """The signed digest of the file of an order."""
    payload = cbor.encode({1: order.municipality, 2: order.number, 3: cards, 4: sha256(file).digest()})
    return cose.seal(cose.header(signer.algorithm, signer.kid), payload, AAD, signer.sign)


def read_answer(rows: Iterable[Sequence[str]]) -> tuple[list[Answered], list[Fault]]:
    """The lines of an answer, and the rows that cannot be read; empty rows are left out, and the heading."""
    answered: list[Answered] = []
    faults: list[Fault] = []
    lines: set[int] = set()
    uids: set[bytes] = set()
    for row, cells in enumerate(rows, 1):
        if not any(cells) or (row == 1 and cells[0].strip().lower() == COLUMNS[0]):
            continue
        read = _read(row, [*cells, "", "", "", "", ""])
        if isinstance(read, Answered) and (read.line in lines or read.uid in uids):
            read = Fault(row, _TWICE)
        if isinstance(read, Fault):
            faults.append(read)
            continue
        answered.append(read)
        lines.add(read.line)
        uids |= {read.uid} if read.uid else set()
    return answered, faults


_NO_LINE = mark("The line is no whole number from 1")
_NO_NUMBER = mark("The card number is mistyped")
_NO_RESULT = mark("The result is neither produced nor spoiled")
_NO_UID = mark("A UID has 14 hexadecimal digits")
_TWICE = mark("The line or the UID stands in the file already")


def _read(row: int, cells: Sequence[str]) -> Answered | Fault:
    line, number, result, uid, note = (cell.strip() for cell in cells[:5])
    if not line.isascii() or not line.isdigit() or not 0 < int(line[:9]) < 10**6:
        return Fault(row, _NO_LINE)
    try:
        known = parse_number(number)
    except Malformed:
        return Fault(row, _NO_NUMBER)
    if result.lower() not in ("produced", "spoiled"):
        return Fault(row, _NO_RESULT)
    made: Result = "produced" if result.lower() == "produced" else "spoiled"
    chip = _uid(uid)
    if made == "produced" and chip is None:
        return Fault(row, _NO_UID)
    return Answered(row, int(line[:9]), known, made, chip if made == "produced" else None, note[:LONGEST_NOTE])


def _uid(text: str) -> bytes | None:
    try:
        uid = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        return None
    return uid if len(uid) == _UID_SIZE else None


def _card(line: int, face: Face) -> dict[str, str | int | None]:
    return {
        "line": line,
        "number": face.number,
        "number_printed": readable_number(face.number),
        "qr": number_text(face.number),
        "name": face.name,
        "municipality": face.municipality,
        "valid_until": face.valid_until.isoformat(),
        "photo": None if face.photo is None else _photo(line),
    }


def _photo(line: int) -> str:
    return f"photos/{line:05}.jpg"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n"
