import httpx

from amis.web.headers import CONTENT_SECURITY_POLICY
from tests.web.demo import application


async def test_a_page_carries_every_security_header(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/")).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


async def test_the_policy_allows_no_inline_code_and_no_frame() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert "object-src 'none'" in CONTENT_SECURITY_POLICY
    assert "base-uri 'none'" in CONTENT_SECURITY_POLICY


async def test_browsers_are_told_to_insist_on_tls_only_where_there_is_tls(client: httpx.AsyncClient) -> None:
    assert "strict-transport-security" not in (await client.get("/")).headers
    transport = httpx.ASGITransport(application(secure=True))
    async with httpx.AsyncClient(transport=transport, base_url="https://amis.test") as over_tls:
        answer = await over_tls.get("/", params={"lang": "en"})
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "Secure" in answer.headers["set-cookie"]


async def test_errors_carry_them_too(client: httpx.AsyncClient) -> None:
    assert (await client.get("/none")).headers["content-security-policy"] == CONTENT_SECURITY_POLICY
