"""The files of the holder's page: whole, in two languages, and all that is needed without a connection."""

import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

import terminals
from amis.holder import app_files, errors
from amis.holder.app_files import FOLDER, contents
from rules.reason import Reason

CORE = Path(terminals.__file__).with_name("web") / "core"
APP = {path.name: path.read_text() for path in FOLDER.glob("*.js")}


async def get(path: str, **headers: str) -> httpx.Response:
    served = httpx.ASGITransport(Starlette(routes=app_files.routes()))
    async with httpx.AsyncClient(transport=served, base_url="https://amis.example") as client:
        return await client.get(path, headers=headers)


def imported(text: str) -> set[str]:
    return set(re.findall(r"^(?:import|export) .*?from '([^']+)'", text, re.MULTILINE | re.DOTALL))


def needed(name: str = "app.js") -> set[str]:
    """The addresses of a script and of all that it imports."""
    found, waiting = set(), [f"/my/{name}"]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        found.add(address)
        folder, text = (
            ("/my", APP[address.removeprefix("/my/")])
            if address.startswith("/my/")
            else ("/validator/core", (CORE / address.rpartition("/")[2]).read_text())
        )
        waiting += [f"{folder}/{one.removeprefix('./')}" if one.startswith("./") else one for one in imported(text)]
    return found


def test_what_is_kept_for_times_without_a_connection_is_all_that_the_page_needs() -> None:
    worker = APP["sw.js"]
    core = re.search(r"CORE = \[(.*?)\]", worker, re.DOTALL)
    own = re.search(r"OWN = \[(.*?)\]", worker, re.DOTALL)
    assert core is not None
    assert own is not None
    kept = {f"/validator/core/{name}.js" for name in re.findall(r"'(\w+)'", core[1])}
    kept |= {f"/my/{name}" for name in re.findall(r"'([\w.-]+)'", own[1])}
    pictures = {f"/my/{name}" for name in contents() if not name.endswith((".js", ".txt", ".html"))}
    assert kept == needed() | pictures


def test_every_file_of_the_folder_is_served_and_every_script_is_used() -> None:
    assert set(contents()) == {path.name for path in FOLDER.iterdir()}
    assert {f"/my/{name}" for name in APP} - needed() == {"/my/sw.js"}


@pytest.mark.parametrize("name", sorted(contents()))
async def test_a_file_is_sent_once_and_then_only_asked_for(name: str) -> None:
    first = await get(f"/my/{name}")
    assert (first.status_code, first.content) == (200, contents()[name][0])
    assert first.headers["cache-control"] == "no-cache"
    again = await get(f"/my/{name}", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_page_is_found_where_people_type_it() -> None:
    assert (await get("/my")).headers["location"] == "/my/"
    assert (await get("/my/")).text == contents()["index.html"][0].decode()
    assert {(await get(f"/my/{name}")).status_code for name in ("../errors.py", "none.js")} == {404}


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    page = contents()["index.html"][0].decode()
    assert re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", page) == []
    assert [
        name for name, text in APP.items() if re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(", text)
    ] == []


def test_every_reason_of_a_refusal_is_said_in_plain_words() -> None:
    said = APP["texts.js"].partition("export const REASONS")[2]
    assert set(re.findall(r"^  ([A-Z_]+): \[", said, re.MULTILINE)) == {one.name for one in Reason}


def test_every_text_of_the_page_is_there_in_both_languages_and_used() -> None:
    page = APP["texts.js"].partition("export const FAULTS")[0]
    entries = re.findall(r"^  (\w+): \[\s*'([^']+)',\s*'([^']+)'\s*\]", page, re.MULTILINE)
    texts = {name for name, _, _ in entries}
    rest = "".join(text for name, text in APP.items() if name != "texts.js")
    used = set(re.findall(r"(?<![\w.])t\('(\w+)'", rest)) | set(re.findall(r"'((?:why|line)[A-Z]\w+)'", rest))
    used |= {f"left{one}" for one in ("Day", "Week", "Month", "Year", "Period")}
    used |= {"code", "have", "rides", "why", "phone", *re.findall(r": TEXTS\.(\w+)", APP["texts.js"])}
    assert used == texts
    assert all(set(re.findall(r"\{\w+\}", lv)) == set(re.findall(r"\{\w+\}", en)) for _, lv, en in entries)


def test_the_service_s_faults_are_known_by_their_codes() -> None:
    known = set(re.findall(r"^  (\w+): ", APP["texts.js"].partition("export const FAULTS")[2], re.MULTILINE))
    codes = set(re.findall(r'code = "(\w+)"', Path(errors.__file__).read_text()))
    # lists have no pages of a stranger's, and staff see documents
    assert codes - {"holder_page_unknown", "holder_not_seen"} <= known


def test_the_page_can_be_put_on_the_home_screen() -> None:
    manifest = json.loads(contents()["manifest.webmanifest"][0])
    assert {manifest["scope"], manifest["start_url"], manifest["id"]} == {"/my/"}
    assert {icon["src"] for icon in manifest["icons"]} <= set(contents())


def test_borrowed_code_comes_with_its_licence() -> None:
    assert "MIT" in contents()["qrcode-generator.LICENSE.txt"][0].decode()
    assert "Kazuhiko Arase" in APP["qrcode-generator.js"]
