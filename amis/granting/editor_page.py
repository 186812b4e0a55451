"""The form of a version as a page."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from amis.concessions import store as concessions
from amis.granting import choices
from amis.granting.builder import WRAPPERS
from amis.granting.condition_form import shown_day
from amis.granting.draft_form import ON_BECOMING, ON_CEASING
from amis.granting.editor_views import NAMES, Settled
from amis.granting.glossary import glossary
from amis.granting.table_form import column_names
from amis.granting.workbench import workbench
from amis.granting.written_version import Where
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.register import store as register
from amis.web.i18n import language_of, mark, translate
from amis.web.pages import render
from rules.period import Days

_RULES = (mark("Rules"), "/rules")


async def editor_page(request: Request, actor: Actor, where: Where, now: Settled, *, status: int = 200) -> HTMLResponse:
    """The page with everything that stands beside the form."""
    language = language_of(request)
    async with transaction(actor) as tx:
        vocabulary, known = await register.vocabulary(tx), await glossary(tx)
        offered = [] if where.rule else await _concessions(tx, language)
        today = tx.day
    title = translate(language, mark("The whole rule"))
    bench = workbench(now.editor, vocabulary, known, language, title, today)
    return render(
        request,
        "granting/rule_edit.html",
        actor=actor,
        status=status,
        breadcrumbs=[_RULES, *_crumb(where), (where.title, None)],
        rule=where.rule,
        title=where.title,
        address=where.address,
        back=where.back,
        editor=now.editor,
        bench=bench,
        choices=bench.choices,
        grid=now.table,
        column_names=column_names(bench.choices),
        concessions=offered,
        errors=now.editor.errors,
        focus=now.editor.focus,
        today=today,
        on_becoming=_said(ON_BECOMING, language),
        on_ceasing=_said(ON_CEASING, language),
        **_WORDS,
    )


_WORDS: Mapping[str, Any] = {
    "kinds": choices.KINDS,
    "every_kind": tuple(choices.KINDS),
    "wrappers": WRAPPERS,
    "ops": choices.OPS,
    "age_ops": choices.AGE_OPS,
    "boundaries": choices.BOUNDARIES,
    "leap": choices.LEAP,
    "views": NAMES,
    "shown_day": shown_day,
    "parse_days": Days.parse,
}


def _crumb(where: Where) -> list[tuple[str, str]]:
    return [] if where.rule is None else [(where.rule.names.code, f"/rules/{where.rule.id}")]


def _said(texts: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    return [(value, translate(language, text)) for value, text in texts.items()]


async def _concessions(tx: Transaction, language: str) -> list[tuple[str, str]]:
    """Own concessions that are not retired, by name."""
    own = [
        row
        for row in await concessions.list_concessions(tx)
        if row.municipality_id == tx.municipality_id and row.state != "retired"
    ]
    names = sorted((row.name_lv if language == "lv" else row.name_en, row.code) for row in own)
    return [("", translate(language, mark("Choose"))), *((code, f"{name} ({code})") for name, code in names)]
