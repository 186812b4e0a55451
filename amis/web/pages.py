"""Rendering a page: its language, its actor, its notice."""

from typing import Any

from jinja2 import Template
from starlette.requests import Request
from starlette.responses import HTMLResponse

from amis.kernel.actor import Actor
from amis.kernel.settings import settings
from amis.web import i18n, navigation
from amis.web.environment import environment
from amis.web.notices import NOTICES

_YEAR = 365 * 24 * 3600


def render(
    request: Request, template: str | Template, *, actor: Actor | None = None, status: int = 200, **context: Any
) -> HTMLResponse:
    """`template` as a page in the language of the request.

    A page knows `request`, `actor`, `path`, `notice`, `menu`, `phase` ((word, text) or None), `breadcrumbs` ((label,
    url) pairs, the last one without url), `errors` (field name -> marked English text) and what `context` adds;
    `context` may replace each of them.
    """
    language = i18n.language_of(request)
    page = environment(language).get_template(template)
    response = HTMLResponse(page.render(_frame(request, actor) | context), status)
    response.headers["content-language"] = language
    response.headers["vary"] = "Accept-Language, Cookie"
    _keep_language(request, response)
    return response


def _frame(request: Request, actor: Actor | None) -> dict[str, Any]:
    return {
        "request": request,
        "actor": actor,
        "path": request.url.path,
        "menu": navigation.for_actor(actor),
        "notice": NOTICES.get(request.query_params.get("notice", "")),
        "language_url": lambda language: _in_language(request, language),
        "phase": None,
        "breadcrumbs": (),
        "errors": {},
    }


def _in_language(request: Request, language: str) -> str:
    """This page in another language. What was posted cannot be asked for again, so the form's own address is."""
    kept = request.url.remove_query_params("notice").include_query_params(lang=language)
    return f"{kept.path}?{kept.query}"


def _keep_language(request: Request, response: HTMLResponse) -> None:
    asked = i18n.asked_language(request)
    if asked and request.cookies.get(i18n.COOKIE) != asked:
        secure = settings().secure or request.url.scheme == "https"
        response.set_cookie(i18n.COOKIE, asked, max_age=_YEAR, path="/", httponly=True, secure=secure, samesite="lax")
