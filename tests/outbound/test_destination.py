"""Which addresses a webhook may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.kernel.way_out import in_development
from amis.outbound.destination import is_listed, read_destination
from amis.outbound.errors import WebhookAddressRefused

REFUSED = [
    "",
    "hooks.example.lv",
    "http://hooks.example.lv/",
    "ftp://hooks.example.lv/",
    "file:///etc/passwd",
    "https://",
    "https:///path",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://169.254.169.254/latest/meta-data",
    "https://user:password@hooks.example.lv/",
    "https://hooks.example.lv@evil.example/",
    "https://evil.example\\@hooks.example.lv/",
    "https://hooks.example.lv:22/",
    "https://hooks.example.lv:99999/",
    "https://hooks.example.lv:x/",
    "https://hooks.example.lv/#fragment",
    "https://hooks.example.lv/a b",
    "https://hooks.example.lv/\r\nHost: evil",
    "https://ķīlis.lv/",
    "https://-a.example.lv/",
    "https://a..example.lv/",
    "https://example/",
    "https://example.123/",
    "https://" + "a." * 130 + "lv/",
    "https://hooks.example.lv/" + "a" * 500,
]


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_could_lead_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(WebhookAddressRefused):
        read_destination(url, development=False)


def test_an_address_is_taken_apart() -> None:
    plain = read_destination("https://Hooks.Example.lv/amis?key=1", development=False)
    assert (plain.host, plain.port, plain.target, plain.authority) == (
        "hooks.example.lv",
        443,
        "/amis?key=1",
        "hooks.example.lv",
    )
    other = read_destination("https://xn--klis-rua.lv:8443", development=True)
    assert (other.port, other.target, other.authority, other.loopback) == (8443, "/", "xn--klis-rua.lv:8443", False)


def test_in_development_it_may_lead_to_this_machine() -> None:
    assert in_development("http://localhost:8000")
    assert not in_development("https://localhost:8000")
    assert not in_development("http://amis.example.lv")
    for url in ("http://127.0.0.1:9/x", "http://localhost:9/", "https://[::1]:9/"):
        assert read_destination(url, development=True).loopback
    with pytest.raises(WebhookAddressRefused):
        read_destination("http://10.0.0.1/", development=True)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}.lv/"):
        try:
            found = read_destination(url, development=False)
        except WebhookAddressRefused:
            continue
        assert found.scheme == "https"
        assert "." in found.host
        assert not set(found.host) - set("abcdefghijklmnopqrstuvwxyz0123456789.-")


def test_a_list_names_hosts_and_all_below_them() -> None:
    hosts = ("hooks.example.lv", "*.social.lv")
    assert [is_listed(host, hosts) for host in ("hooks.example.lv", "a.social.lv", "b.a.social.lv")] == [True] * 3
    assert [is_listed(host, hosts) for host in ("example.lv", "social.lv", "antisocial.lv", "x.hooks.example.lv")] == [
        False
    ] * 4
