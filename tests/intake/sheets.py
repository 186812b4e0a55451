"""Lists of an office, as it hands them over by the page of uploads."""

import re
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import httpx
from openpyxl import Workbook
from psycopg import AsyncConnection

from amis.intake import store
from amis.intake.importing import import_next
from amis.intake.places import folder_of
from amis.intake.upload_pages import ADDRESS
from amis.kernel.db import transaction
from amis.kernel.settings import settings
from tests.intake.wire import TOWN

HEADINGS = ["Personas kods", "Vārds", "Uzvārds", "Statuss", "No", "Līdz"]


def csv_of(*rows: list[str], encoding: str = "utf-8", mark: str = ";") -> bytes:
    """A file of rows."""
    return "\r\n".join(mark.join(row) for row in rows).encode(encoding)


def xlsx_of(*rows: list[object]) -> bytes:
    """A workbook of rows."""
    book, file = Workbook(), BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def entry(code: str, status: str = "TRUCIGA", first: str = "01.03.2026", last: str = "31.05.2026") -> list[str]:
    """A row under `HEADINGS`."""
    return [code, "Ērika", "Šķēle", status, first, last]


@dataclass
class Office:
    """Somebody at the page of uploads, and the worker that takes in what they confirm."""

    client: httpx.AsyncClient
    worker: AsyncConnection

    async def sender(self) -> UUID:
        async with transaction(TOWN) as tx:
            return (await store.senders(tx))[0].id

    async def choose(self, content: bytes, name: str = "saraksts.csv") -> httpx.Response:
        """Chooses a file."""
        data = {"sender": str(await self.sender())}
        return await self.client.post(ADDRESS, data=data, files={"file": (name, content)})

    async def upload(self, content: bytes, name: str = "saraksts.csv") -> str:
        """Chooses a file that can be read; the address of its page."""
        answer = await self.choose(content, name)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def page(self, address: str) -> str:
        answer = await self.client.get(address)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def read_otherwise(self, address: str, **changed: str) -> httpx.Response:
        """Sends the form as it is filled, with some fields changed (`column_code` is `column-code`)."""
        fields = filled(await self.page(address))
        named = {name.replace("column_", "column-"): value for name, value in changed.items()}
        assert named.keys() <= fields.keys()
        return await self.client.post(address, data=fields | named)

    async def confirm(self, address: str) -> str:
        """Agrees to what the page shows; the address of the batch."""
        shown = re.search(r'name="shown" value="([^"]*)"', await self.page(address))
        assert shown
        text = shown[1].replace("&#34;", '"')
        answer = await self.client.post(f"{address}/confirm", data={"shown": text})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def work(self) -> None:
        """Lets the worker take in what was confirmed."""
        while await import_next(self.worker, folder_of(settings())):
            pass


def filled(page: str) -> dict[str, str]:
    """What the form of a page is filled with."""
    fields = {"kind": (re.search(r'value="(\w+)" checked', page) or ["", ""])[1]}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="radio"' not in tag and name[1] != "shown":
            fields[name[1]] = value[1] if value else ""
    return fields
