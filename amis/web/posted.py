"""The fields of a posted form: texts, and a file."""

from starlette.datastructures import UploadFile
from starlette.requests import Request


async def posted(request: Request, *names: str) -> dict[str, str]:
    """What was typed into each of these fields, without blanks around it; empty where one is missing or is a file."""
    form = await request.form()
    given = ((name, form.get(name)) for name in names)
    return {name: text.strip() if isinstance(text, str) else "" for name, text in given}


async def posted_file(request: Request, name: str = "file") -> bytes:
    """What the file of that field holds; nothing where none was chosen."""
    file = (await request.form()).get(name)
    return await file.read() if isinstance(file, UploadFile) else b""
