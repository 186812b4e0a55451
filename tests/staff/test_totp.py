from datetime import UTC, datetime, timedelta

import pytest

from amis.kernel.ids import new_id
from amis.staff import totp
from cards.errors import CardsError

# RFC 6238 appendix B: the SHA-1 secret "12345678901234567890", last six of its eight digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(SECRET, at) == code
    assert totp.matching_step(SECRET, code, at) == seconds // 30


def test_a_code_is_good_one_step_either_way_and_no_further():
    at = datetime(2026, 5, 31, 12, 0, 15, tzinfo=UTC)
    for steps, good in [(-2, False), (-1, True), (0, True), (1, True), (2, False)]:
        code = totp.code_at(SECRET, at + timedelta(seconds=30 * steps))
        assert (totp.matching_step(SECRET, code, at) is not None) is good


@pytest.mark.parametrize("typed", ["", "28708", "2870820", "abcdef", "٢٨٧٠٨٢", "28 7o82"])
def test_what_is_no_code_matches_nothing(typed):
    assert totp.matching_step(SECRET, typed, datetime.fromtimestamp(59, UTC)) is None


def test_a_code_may_be_typed_in_groups():
    assert totp.matching_step(SECRET, "287 082", datetime.fromtimestamp(59, UTC)) == 1


async def test_a_sealed_secret_opens_for_its_account_only(database):
    owner, other = new_id(), new_id()
    blob = totp.sealed(SECRET, owner)
    assert SECRET.encode() not in blob
    assert totp.unsealed(blob, owner) == SECRET
    with pytest.raises(CardsError):
        totp.unsealed(blob, other)


def test_the_address_for_the_app_names_service_and_account():
    assert totp.uri(SECRET, "anna@example.test").startswith("otpauth://totp/AMIS:anna%40example.test?secret=" + SECRET)
