from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from amis.issuing.published import is_known, publish, tag
from amis.issuing.store import trust
from amis.kernel.keys import STATUS, keystore
from amis.kernel.settings import Settings
from cards.keys import KeySigner
from cards.statuslist import read_status_list

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
ADDRESS = "https://amis.test/status"


@pytest.fixture
def signer(database: Settings) -> KeySigner:
    return KeySigner.of(keystore(), STATUS)


def test_the_list_verifies_and_names_where_it_is_published(signer: KeySigner) -> None:
    made = publish(901, [(5, 2), (131_071, 1)], signer, AT, ADDRESS)
    read = read_status_list(made.body, f"{ADDRESS}/901", trust(keystore()), AT)
    assert [read.statuses.get(index) for index in (0, 5, 131_070, 131_071)] == [0, 2, 0, 1]
    assert (read.ttl, read.exp - read.iat) == (300, 48 * 3600)
    assert read.aggregation_uri == ADDRESS


def test_it_is_signed_again_only_when_something_changed_or_an_hour_passed(signer: KeySigner) -> None:
    first = publish(902, [(5, 2)], signer, AT, ADDRESS)
    assert publish(902, [(5, 2)], signer, AT + timedelta(minutes=20), ADDRESS) is first
    assert publish(902, [(5, 0)], signer, AT, ADDRESS).etag != first.etag
    later = publish(902, [(5, 2)], signer, AT + timedelta(hours=1), ADDRESS)
    assert sha256(later.body).digest() != sha256(first.body).digest()


def test_a_reader_who_knows_the_tag_is_told_so(signer: KeySigner) -> None:
    etag = tag(1, [], signer, AT)
    assert is_known(etag, f'"other", {etag}')
    assert is_known(etag, etag.removeprefix("W/"))
    assert is_known(etag, "*")
    assert not is_known(etag, "")
    assert not is_known(etag, 'W/"other"')
