import pytest

from amis.staff.csrf import is_own

OWN = "https://amis.example.lv"


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": OWN}, False),
        ({"origin": OWN}, True),
        ({"origin": "https://localhost:8000", "host": "localhost:8000"}, True),
        ({"origin": "https://evil.example", "host": "amis.example.lv"}, False),
        ({"origin": "https://amis.example.lv.evil.example", "host": "amis.example.lv"}, False),
        ({"origin": "http://amis.example.lv"}, False),
        ({"origin": "null", "host": "amis.example.lv"}, False),
        ({"origin": "null", "host": ""}, False),
        ({"origin": "http://amis.example.lv", "host": "amis.example.lv"}, False),
        ({"origin": "https://", "host": "amis.example.lv"}, False),
        ({}, False),
    ],
)
def test_an_unsafe_request_with_a_session_must_come_from_our_own_page(headers, own):
    assert is_own(headers, OWN + "/", has_session=True) is own


def test_a_request_that_says_nothing_passes_only_without_a_session():
    assert is_own({}, OWN, has_session=False)
    assert not is_own({"sec-fetch-site": "cross-site"}, OWN, has_session=False)
