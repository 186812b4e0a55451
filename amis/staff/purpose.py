"""Why a person's data are opened: asked once a session for each person, written down with every reading."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from amis.kernel.errors import PurposeMissing
from amis.kernel.log import scrub
from amis.staff.caller import SESSION
from amis.staff.guard import visitor
from amis.staff.return_path import safe_path
from amis.staff.store import FoundSession
from amis.web.i18n import mark
from amis.web.pages import render

PURPOSES: Mapping[str, str] = {
    "application": mark("An application or a token for this person"),
    "complaint": mark("A complaint or a question of this person"),
    "correction": mark("Correcting the data"),
    "check": mark("A check of granted concessions"),
    "task": mark("A task from a court or another authority"),
}
LONGEST_NOTE = 200
_ASKED_FOR = "amis.purpose_for"


def require_purpose(request: Request, person_id: UUID | str | None = None) -> str:
    """The purpose for which the caller opens this person: from `?purpose=`, else the one kept in the session.

    The person is by default the path parameter `person_id`.

    Raises:
        PurposeMissing: none was stated; `prompt` answers it with the page that asks.
    """
    person = str(person_id or request.path_params["person_id"])
    stated = request.query_params.get("purpose", "")
    session: FoundSession | None = request.scope.get(SESSION)
    if stated in PURPOSES:
        return stated
    if session is not None and person in session.purposes:
        return session.purposes[person]
    request.scope[_ASKED_FOR] = person
    raise PurposeMissing


def worded(code: str, note: str) -> str:
    """A purpose as it is kept: its code, and the note behind a colon; a personal code typed into it is left out."""
    return f"{code}: {scrub(note)}" if note else code


def prompt(request: Request, errors: Mapping[str, str] | None = None, **entered: str) -> Response:
    """The page that asks for the purpose, in place of the page that raised PurposeMissing."""
    fields = {
        "person_id": str(request.scope.get(_ASKED_FOR, "")),
        "next": safe_path(f"{request.url.path}?{request.url.query}") if request.method == "GET" else "/",
        "purpose": "",
        "note": "",
        **entered,
    }
    return render(
        request,
        "staff/purpose.html",
        actor=visitor(request),
        status=422 if errors else 403,
        purposes=PURPOSES,
        errors=errors or {},
        fields=fields,
        **_languages(request, fields["next"]),
    )


def _languages(request: Request, target: str) -> dict[str, Any]:
    """The form's own address cannot be asked for: after a mistake another language asks anew at the page itself."""
    if request.method == "GET":
        return {}
    return {"language_url": lambda language: f"{target}{'&' if '?' in target else '?'}lang={language}"}
