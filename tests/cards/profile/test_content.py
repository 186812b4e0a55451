from dataclasses import replace
from datetime import date

import pytest

from cards.claims import Claims, Right
from cards.credential import mint
from cards.errors import Unencodable
from cards.profile.content import Image, stored_credential
from cards.profile.header import Header
from tests.cards.conftest import new_issuer
from tests.cards.profile.table import CONTENT


def test_the_files_of_a_card_have_their_sizes():
    image = Image.of(CONTENT, 3)
    assert [len(part) for part in (image.header, image.credential, image.holder, image.entitlements)] == [
        32,
        256,
        64,
        96,
    ]
    assert Header.decode(image.header) == CONTENT.header(3)
    assert CONTENT.header(3).names(CONTENT.number)


@pytest.mark.parametrize(
    "changed",
    [
        {"credential": b""},
        {"credential": bytes(257)},
        {"quota": -1},
        {"quota": 100_001},
        {"number": "7K3M"},
        {"entitlements": CONTENT.entitlements * 4},
        {"generation": 1 << 32},
    ],
)
def test_what_does_not_fit_on_a_card_is_known_beforehand(changed):
    with pytest.raises(Unencodable):
        Image.of(replace(CONTENT, **changed), 1)


def test_a_credential_is_found_in_its_padding_though_it_ends_in_zeros():
    issuer = new_issuer()
    claims = Claims(1, 100_000, 5, (Right(301, date(2027, 1, 1)),), uid=bytes(7), generation=1)
    minted = mint(issuer, claims)
    ending = minted[:-2] + bytes(2)
    for credential in (minted, ending):
        assert stored_credential(credential.ljust(256, b"\0")) == credential
    assert stored_credential(b"other things" + bytes(20)) == b"other things"
    assert stored_credential(bytes(256)) == b""
