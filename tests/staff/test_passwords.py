import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.staff import passwords
from amis.staff.errors import WeakPassword


@pytest.mark.parametrize(
    "password",
    [
        "Parole123456!",
        "P@ssw0rd2026!!",
        "qwertyuiop1234",
        "12345678901234",
        "1qaz2wsx3edc4rfv",
        "AMISatvieglojumi",
        "Jelgava-Jelgava-2026",
        "correct horse battery staple",
        "aaaabbbbccccaaaa",
        "Anna-Ozola-1234",
        "Atvieglojums.2026.",
    ],
)
def test_a_password_of_common_words_names_or_rows_of_keys_is_refused(password):
    with pytest.raises(WeakPassword):
        passwords.refuse_weak(password, "Anna Ozola anna@example.test", with_code=True)


@pytest.mark.parametrize(
    "password", ["krāsaina-ūdensroze-17", "zirgs lec pāri upei", "vK3pQ9wLr2Xz", "ū" * 3 + "kaņepīte4z"]
)
def test_a_password_that_is_hard_to_guess_passes(password):
    passwords.refuse_weak(password, "Anna Ozola", with_code=True)


def test_without_a_second_factor_fifteen_characters_are_needed_and_with_one_twelve():
    passwords.refuse_weak("vK3pQ9wLr2Xz", with_code=True)
    with pytest.raises(WeakPassword):
        passwords.refuse_weak("vK3pQ9wLr2Xz", with_code=False)
    with pytest.raises(WeakPassword):
        passwords.refuse_weak("vK3pQ9wLr2X", with_code=True)


def test_a_password_of_128_characters_passes_and_a_longer_one_does_not():
    long = ("krāsaina ūdensroze peld " * 6)[:128]
    passwords.refuse_weak(long, with_code=False)
    with pytest.raises(WeakPassword):
        passwords.refuse_weak(long + "x", with_code=False)


@given(
    st.lists(st.sampled_from(sorted(passwords.blocked_words())), min_size=1, max_size=12),
    st.text(string.digits, max_size=4),
)
def test_no_string_of_blocked_words_with_digits_behind_is_a_password(words, digits):
    with pytest.raises(WeakPassword):
        passwords.refuse_weak("".join(words) + digits, with_code=True)


async def test_a_hash_is_argon2id_with_19_mib_and_fits_its_password_alone():
    stored = await passwords.hashed("krāsaina-ūdensroze-17")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.matches("krāsaina-ūdensroze-17", stored)
    assert not await passwords.matches("krāsaina-ūdensroze-18", stored)


async def test_nobodys_password_is_never_right_and_a_damaged_hash_neither():
    assert not await passwords.matches("krāsaina-ūdensroze-17", None)
    assert not await passwords.matches("krāsaina-ūdensroze-17", "$argon2id$broken")
