"""The text fields of a posted form."""

from starlette.requests import Request


async def posted(request: Request, *names: str) -> dict[str, str]:
    """What was typed into each of these fields, without blanks around it; empty where one is missing or is a file."""
    form = await request.form()
    given = ((name, form.get(name)) for name in names)
    return {name: text.strip() if isinstance(text, str) else "" for name, text in given}
