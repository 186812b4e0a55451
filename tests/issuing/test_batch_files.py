"""The files that go to a bureau and come back."""

import json
from datetime import date
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.issuing.batch_files import AAD, Answered, Order, order_file, order_signature, read_answer
from cards import cose
from cards.cose import load_public
from cards.errors import BadSignature
from cards.face import Face
from tests.cards.conftest import new_issuer

NUMBER, OTHER = "21BRBEZ8JX627FV0", "0000000000000001"
ORDER = Order("JLG", 7, "JLG-CARD", date(2026, 3, 10))
FACES = [
    Face("Žanete Šķēle", NUMBER, "Jelgava", date(2027, 3, 9), date(2026, 3, 10), b"\xff\xd8photo"),
    Face("=cmd()", NUMBER, "Jelgava", date(2027, 3, 9), date(2026, 3, 10)),
]


def test_the_same_order_gives_the_same_bytes_and_says_all_that_is_printed():
    packed = order_file(ORDER, FACES)
    assert packed == order_file(ORDER, FACES)
    with ZipFile(BytesIO(packed)) as file:
        assert file.namelist() == ["order.json", "cards.jsonl", "photos/00001.jpg"]
        assert json.loads(file.read("order.json"))["cards"] == 2
        first, second = map(json.loads, file.read("cards.jsonl").decode().splitlines())
        assert file.read(first["photo"]) == b"\xff\xd8photo"
    assert first["name"] == "Žanete Šķēle"
    assert (first["number_printed"], first["qr"]) == ("21BR BEZ8 JX62 7FV0", f"AM0:{NUMBER}")
    assert (second["line"], second["name"], second["photo"]) == (2, "=cmd()", None)


def test_the_digest_is_signed_for_this_very_order():
    packed, signer = order_file(ORDER, FACES), new_issuer()
    parts = cose.cut(order_signature(ORDER, 2, packed, signer))
    assert cbor2.loads(parts.payload) == {1: "JLG", 2: 7, 3: 2, 4: sha256(packed).digest()}
    check = cose.check_with(load_public(signer.der))
    check(parts.signature, parts.signed_bytes(AAD))
    with pytest.raises(BadSignature):
        check(parts.signature, parts.signed_bytes(b"AMIS-AM1"))


def test_an_answer_is_read_with_and_without_heading():
    rows = [
        ["line", "number", "result", "uid", "note"],
        ["1", "21br-bez8 jx62 7fv0", "Produced", "04:A1:B2:C3:D4:E5:F6"],
        [],
        ["2", NUMBER, "spoiled", "", "salocīta"],
    ]
    answered, faults = read_answer(rows)
    assert answered == [
        Answered(2, 1, NUMBER, "produced", bytes.fromhex("04a1b2c3d4e5f6"), ""),
        Answered(4, 2, NUMBER, "spoiled", None, "salocīta"),
    ]
    assert faults == []
    assert read_answer(rows[1:])[0][0].row == 1


def test_each_wrong_row_is_named():
    good = ["1", NUMBER, "produced", "04a1b2c3d4e5f6"]
    wrong = [
        ["0", *good[1:]],
        ["1½", *good[1:]],
        ["2", NUMBER[:-1] + "1", *good[2:]],
        ["2", NUMBER, "made", good[3]],
        ["2", NUMBER, "produced", "04a1b2"],
        ["2", NUMBER, "produced", ""],
        ["1", NUMBER, "produced", "04a1b2c3d4e5f7"],
        ["3", NUMBER, "produced", good[3]],
    ]
    answered, faults = read_answer([good, *wrong])
    assert len(answered) == 1
    assert [fault.row for fault in faults] == list(range(2, 10))
    assert len({fault.why for fault in faults}) == 5


@given(st.lists(st.lists(st.text(max_size=20), max_size=7), max_size=5))
def test_whatever_stands_in_a_file_is_a_line_or_a_fault(rows):
    answered, faults = read_answer(rows)
    assert {one.row for one in answered}.isdisjoint(fault.row for fault in faults)
    assert all(one.uid is None or len(one.uid) == 7 for one in answered)
