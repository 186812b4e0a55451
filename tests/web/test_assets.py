import re

import httpx
import pytest

from amis.kernel.permission import PUBLIC, permission_of
from amis.web import assets


async def test_an_asset_is_served_with_its_type_and_may_be_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get(assets.url("amis.js"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", sorted(assets.contents()))
async def test_every_asset_has_an_address_that_works(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(assets.url(name))
    assert answer.content == assets.contents()[name]


@pytest.mark.parametrize("path", ["/assets/00000000/amis.js", "/assets/{v}/none.js", "/assets/{v}/README.md"])
async def test_another_version_and_another_name_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path.format(v=assets.version()))).status_code == 404


async def test_no_path_leads_out_of_the_folder(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/assets/{assets.version()}/..%2fassets.py")).status_code == 404


def test_an_unknown_name_has_no_address() -> None:
    with pytest.raises(KeyError):
        assets.url("none.js")


def test_the_version_follows_every_content(monkeypatch: pytest.MonkeyPatch) -> None:
    before = assets.version()
    changed = {**assets.contents(), "amis.js": b"other"}
    monkeypatch.setattr(assets, "contents", lambda: changed)
    assert assets.version.__wrapped__() != before
    assert re.fullmatch("[0-9a-f]{8}", before)


def test_whatever_the_style_sheet_loads_is_there() -> None:
    loaded = re.findall(rb'url\("?([^")]+)"?\)', assets.contents()["amis.css"])
    files = {name.decode() for name in loaded if not name.startswith(b"data:")}
    assert files
    assert files <= set(assets.contents())


@pytest.mark.parametrize("trace", [b"GDS Transport", b"crown", b"crest", b"sourceMappingURL"])
def test_nothing_of_the_original_brand_is_left(trace: bytes) -> None:
    assert trace not in assets.contents()["amis.css"]
    assert b"sourceMappingURL" not in assets.contents()["govuk-frontend.min.js"]


def test_each_vendored_part_has_its_licence() -> None:
    licences = {name for name in assets.contents() if name.startswith("LICENSE.")}
    assert licences == {f"LICENSE.{part}.txt" for part in ("govuk-frontend", "htmx", "htmx-ext-sse", "noto-sans")}


def test_assets_are_public() -> None:
    assert permission_of(assets.serve) == PUBLIC
