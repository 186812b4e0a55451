"""Addresses as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.notifying import address
from amis.notifying.errors import AddressInvalid, EmailInvalid, PhoneInvalid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna.Ozola@Inbox.LV ", "Anna.Ozola@inbox.lv"),
        ("a+b@xn--rga-qla.lv", "a+b@xn--rga-qla.lv"),
        ("", ""),
        (" ", ""),
    ],
)
def test_an_address_is_kept_with_its_domain_in_lower_case(typed: str, kept: str) -> None:
    assert address.email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("anna", "@inbox.lv", "a@b", "a..b@inbox.lv", "a b@inbox.lv", "a@inbox.lv\nBcc: x@y.lv", "ā@inbox.lv"),
        *("a@inbox.lv,b@inbox.lv", "<a@inbox.lv>", f"{'a' * 65}@inbox.lv", f"a@{'b.' * 130}lv", "a@[127.0.0.1]"),
    ],
)
def test_what_is_no_plain_address_is_refused(typed: str) -> None:
    with pytest.raises(EmailInvalid):
        address.email(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        *(("26 123-456", "+37126123456"), ("+371 26123456", "+37126123456"), ("0037126123456", "+37126123456")),
        *(("", ""), ("+49 (151) 1234.5678", "+4915112345678")),
    ],
)
def test_a_phone_number_gets_its_country(typed: str, kept: str) -> None:
    assert address.phone(typed) == kept


@pytest.mark.parametrize("typed", ["112", "36123456", "+0371", "+3712612345612345", "divi seši", "٢٦١٢٣٤٥٦"])
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(PhoneInvalid):
        address.phone(typed)


def test_a_postal_address_has_lines() -> None:
    assert address.postal(" Lielā  iela 1-2 \r\n\r\nJelgava,\tLV-3001\n") == "Lielā iela 1-2\nJelgava, LV-3001"
    for wrong in ("Jelgava", "\n".join("abcdef"), f"x\n{'y' * 61}", "Iela 1\nJelgava\x07"):
        with pytest.raises(AddressInvalid):
            address.postal(wrong)


@given(st.text())
def test_any_text_is_an_address_of_one_line_or_refused(typed: str) -> None:
    for read, refused in ((address.email, EmailInvalid), (address.phone, PhoneInvalid)):
        try:
            kept = read(typed)
        except refused:
            continue
        assert kept.isascii()
        assert kept.isprintable()
        assert read(kept) == kept
