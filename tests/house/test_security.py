"""Controls that belong to the whole application and not to one room."""

import ast
import logging
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import httpx
import pytest
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from psycopg import AsyncConnection, sql
from pydantic import BaseModel

from amis.app import create
from amis.cli.serve import serve
from amis.kernel import clock
from amis.kernel.settings import Settings
from amis.staff.routes import entrances
from amis.validating import web_app
from amis.validating.body import Number, ReverseBody, Shown, TapBody
from amis.web.headers import ALWAYS
from tests.town import Site, needy
from tests.walks.ledger import everything, rows
from tests.walks.staff import caller

ROOT = Path(__file__).parents[2]
PACKAGES = ("amis", "cards", "rules", "sync", "terminals")
CRYPTO = ("cryptography.hazmat", "hashlib", "hmac", "argon2", "joserfc", "pyotp")
# what chips speak: CBC beside a CMAC, and the two-key 3DES key that a new one comes with
OF_CHIPS = {
    ("cards/desfire/crypto.py", "cryptography.hazmat.primitives.ciphers.modes.CBC"),
    ("cards/desfire/crypto.py", "cryptography.hazmat.decrepit.ciphers.algorithms.TripleDES"),
}
APPS = {web_app.ADDRESS: web_app.CONTENT_SECURITY_POLICY}
"""Pages with a policy of their own."""
ANY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def whole(database: Settings) -> FastAPI:
    """The application as it is served."""
    return create(database)


def outside(app: FastAPI) -> httpx.AsyncClient:
    """Somebody not signed in."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")


def calls(app: FastAPI) -> Iterator[tuple[str, str]]:
    for entrance in entrances(app.routes):
        for method in entrance.methods:
            yield method, re.sub(r"\{\w+\}", ANY, entrance.path)


async def test_every_answer_of_every_route_carries_the_security_headers(whole: FastAPI) -> None:
    seen = 0
    async with outside(whole) as client:
        for method, path in [*calls(whole), ("GET", "/nothing-here")]:
            headers = (await client.request(method, path)).headers
            assert headers.keys() >= ALWAYS.keys(), (method, path)
            policy = APPS.get(path, ALWAYS["content-security-policy"])
            assert headers["content-security-policy"] == policy, (method, path)
            seen += 1
    assert seen > 60


async def test_no_route_opens_itself_to_another_origin(whole: FastAPI) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    async with outside(whole) as client:
        for method, path in calls(whole):
            for answer in (
                await client.request(method, path, headers=asked),
                await client.options(path, headers=asked),
            ):
                assert [name for name in answer.headers if name.startswith("access-control-")] == [], (method, path)


async def test_the_frameworks_own_documentation_is_off_and_ours_needs_a_permission(whole: FastAPI) -> None:
    paths = ("/docs", "/redoc", "/openapi.json", "/metrics")
    async with outside(whole) as client:
        found = {path: (await client.get(path)).status_code for path in paths}
    assert found == {"/docs": 404, "/redoc": 404, "/openapi.json": 401, "/metrics": 401}


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Lets a command set up logging and takes it back."""
    before = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = before
    structlog.reset_defaults()


@pytest.mark.usefixtures("own_logging")
def test_the_service_believes_no_forwarding_header(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda *_, **options: given.update(options))
    serve()
    assert given["proxy_headers"] is False
    assert given["server_header"] is False
    assert given["http"] == "httptools"


WRITTEN_BY_READING = ("audit", "staff_session")
"""A reading of a person is logged, and a session that is used stays open."""


async def contents(site: Site) -> dict[str, str]:
    """A digest of every table that reading must not change."""
    found = {}
    async with await everything(site) as connection:
        for name in [table for table in await rows(site) if table not in WRITTEN_BY_READING]:
            digest = sql.SQL("SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM {} t")
            cursor = await connection.execute(digest.format(sql.Identifier(name)))
            found[name] = str(await cursor.fetchone())
    return found


async def test_reading_changes_nothing(site: Site) -> None:
    await site.states(needy("R1", 1, clock.today(), None))
    token, _ = await site.issue()
    filled = {"person_id": str(await site.person()), "token_id": str(token), "status_list": "0"}
    opened = 0
    async with await caller(site, ["clerk", "municipal_admin", "auditor"]) as client:
        before = await contents(site)
        for entrance in entrances(create().routes):
            if "GET" in entrance.methods and entrance.path not in ("/taps/stream", "/live/stream"):
                path = re.sub(r"\{(\w+)\}", lambda name: filled.get(name[1], ANY), entrance.path)
                answer = await client.get(path, params={"purpose": "check"})
                opened += answer.status_code == 200
        after = await contents(site)
    assert opened > 20
    assert [name for name in before if before[name] != after[name]] == []


def api_routes(app: FastAPI) -> list[APIRoute]:
    found = [entrance.route for entrance in entrances(app.routes)]
    routes = [route for route in found if isinstance(route, APIRoute) and route.include_in_schema]
    assert len(routes) > 10
    return routes


SIGNED = ("manifest", "parts/{sha256}", "changes", "stream")


def test_every_json_answer_is_cut_to_its_model() -> None:
    bare = [route.path for route in api_routes(create()) if route.response_model is None]
    # a status list and what terminals carry are signed bytes, not JSON; rows of a batch are lines, exports are files
    lines = "/sync/v1/batches/{file_id}/rows"
    exports = {f"/sync/v1/exports/{what}" for what in ("uses", "settlement", "documents/{kind}")}
    assert set(bare) - exports == {"/status/{status_list}", lines, *(f"/terminal/v1/{what}" for what in SIGNED)}


def test_every_body_refuses_what_it_does_not_know() -> None:
    models = [field.field_info.annotation for route in api_routes(create()) for field in route.dependant.body_params]
    assert len(models) >= 6
    for model in models:
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        assert model.model_config.get("extra") == "forbid", model
    for struct in (TapBody, Shown, Number, ReverseBody):
        assert struct.__struct_config__.forbid_unknown_fields, struct


def test_the_linter_finds_no_dangerous_call() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    # S: no eval, no shell, no pickle, no SQL by formatting, no weak random, no unverified TLS; BLE: no blind except
    assert {"S", "BLE"} <= set(rules["select"])
    assert [rule for rule in rules["ignore"] if rule.startswith(("S", "BLE"))] == ["S101"]
    command = [Path(sys.executable).with_name("ruff"), "check", "--no-cache", *PACKAGES]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_no_script_of_ours_writes_markup() -> None:
    pages = [ROOT / "amis/web/assets" / name for name in ("amis.js", "camera.js", "desk.js")]
    files = [*pages, *web_app.FOLDER.glob("*.js"), *web_app.FOLDER.glob("core/**/*.js")]
    assert len(files) > 40
    script = "".join(path.read_text() for path in files)
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script) == []


def test_no_template_puts_text_of_others_in_unescaped() -> None:
    templates = sorted((ROOT / "amis").glob("*/templates/**/*.html"))
    assert len(templates) > 20
    text = "".join(path.read_text(encoding="utf-8") for path in templates)
    # the drawing of a QR code, which is squares only
    assert set(re.findall(r"([\w.]+)\s*\|\s*safe\b", text)) <= {"view.code.picture", "code.picture", "pairing.picture"}
    assert "autoescape" not in text


def test_the_wheel_holds_the_five_packages_and_no_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)
    inside = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert [path for path in inside if path.name.startswith(("test_", "conftest"))] == []


def crypto_in_the_code() -> set[tuple[str, str]]:
    """(file, what it imports of cryptography), for every source file."""
    found = set()
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(CRYPTO):
                found |= {(str(path.relative_to(ROOT)), f"{node.module}.{alias.name}") for alias in node.names}
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.startswith(CRYPTO)]
                found |= {(str(path.relative_to(ROOT)), name) for name in names}
    return found


def test_the_inventory_of_cryptography_is_that_of_the_code() -> None:
    page = (ROOT / "docs/keys.md").read_text()
    listed = set(re.findall(r"^\| `([\w./]+\.py)` \|", page, re.MULTILINE))
    assert listed == {file for file, _ in crypto_in_the_code()}


def test_no_weak_or_home_made_primitive_is_used() -> None:
    weak = re.compile(r"ECB|\bMD5\b|\bmd5\b|SHA1\b|sha1\b|DES\b|ARC4|RSA|modes\.|decrepit")
    assert {found for found in crypto_in_the_code() if weak.search(found[1])} == OF_CHIPS


_WRITES: LiteralString = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
AND has_table_privilege('amis_auditor', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
"""


async def test_the_auditors_database_role_writes_nothing(owner_connection: AsyncConnection) -> None:
    assert await (await owner_connection.execute(_WRITES)).fetchall() == []


_OWNED: LiteralString = """
SELECT c.relname, r.rolname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND r.rolname <> 'amis_owner'
"""


async def test_no_role_that_serves_requests_owns_a_table(owner_connection: AsyncConnection) -> None:
    found = await (await owner_connection.execute(_OWNED)).fetchall()
    assert [row for row in found if not str(row[0]).startswith("use_")] == []
