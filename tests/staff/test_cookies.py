from starlette.responses import Response

from amis.kernel.settings import Settings
from amis.staff import cookies

TLS = Settings(public_url="https://amis.example.lv")
LOOPBACK = Settings(public_url="http://localhost:8000")


def test_over_tls_the_cookie_is_bound_to_host_and_tls():
    response = Response()
    cookies.give(response, "secret", TLS)
    parts = response.headers["set-cookie"].lower().split("; ")
    assert parts[0] == "__host-amis=secret"
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(parts)
    assert not [part for part in parts if part.startswith("domain")]


def test_on_loopback_http_the_name_is_plain_and_the_rest_holds():
    response = Response()
    cookies.give(response, "secret", LOOPBACK)
    parts = response.headers["set-cookie"].lower().split("; ")
    assert parts[0] == "amis=secret"
    assert {"httponly", "samesite=lax", "path=/"} <= set(parts)
    assert "secure" not in parts


def test_signing_out_clears_cookie_and_site_data():
    response = Response()
    cookies.take_back(response, TLS)
    assert "max-age=0" in response.headers["set-cookie"].lower()
    assert response.headers["clear-site-data"] == '"cache", "storage"'


def test_over_tls_a_cookie_with_the_plain_name_is_no_session():
    assert cookies.session_secret({"amis": "planted"}, TLS) is None
