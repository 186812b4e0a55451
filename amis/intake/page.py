"""What all pages of notices have in common: the words, and what a template may call."""

from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from amis.intake import wording
from amis.kernel.actor import Actor
from amis.kernel.log import scrub
from amis.web.i18n import mark
from amis.web.pages import render

NOTICES = (mark("Notices"), "/notices")
QUARANTINE = (mark("Quarantine"), "/notices/quarantine")
FILES = (mark("Files of rows"), "/notices/batches")
_WORDS: dict[str, Any] = {
    "verdicts": wording.VERDICTS,
    "states": wording.STATES,
    "explained": {**wording.EXPLAINED, "": wording.UNREADABLE},
    "healths": wording.HEALTH,
    "batch_states": wording.BATCH_STATES,
    "batch_kinds": wording.BATCH_KINDS,
    "ways": wording.WAYS,
    "file_faults": wording.FILE_FAULTS,
    "stages": wording.STAGES,
    "field_names": wording.FIELDS,
    "ops": wording.OPS,
    "types": wording.TYPES,
    "took": wording.took,
    "value_said": wording.value_said,
    "scrub": scrub,
}


def intake_page(request: Request, actor: Actor, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """`intake/<name>.html` as a page."""
    return render(request, f"intake/{name}.html", actor=actor, status=status, **_WORDS, **context)
