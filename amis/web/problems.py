"""Pages for what went wrong, in the reader's language."""

from starlette.requests import Request
from starlette.responses import HTMLResponse

from amis.kernel.actor import Actor
from amis.kernel.errors import AmisError
from amis.kernel.log import request_id
from amis.web.i18n import mark
from amis.web.pages import render

_ADVICE = {
    401: mark("Sign in and try again."),
    403: mark("Ask the administrator of your municipality if you need this for your work."),
    404: mark("If you typed the address, check it. If you followed a link, the record may have been removed."),
    405: mark("Go back to the page you came from and use its buttons."),
    422: mark("Go back, correct what you entered and send it again."),
    429: mark("Wait a minute and try again."),
    500: mark("Nothing was saved. Try again later; if it happens again, tell the administrator the reference below."),
    503: mark("Nothing was saved. Try again in a moment."),
}
_TITLES = {
    401: mark("Sign in first"),
    403: mark("You cannot open this page"),
    404: mark("Page not found"),
    405: mark("This page cannot be used that way"),
    409: mark("This contradicts what is already recorded"),
    422: mark("There is a mistake in what you entered"),
    429: mark("Too many requests"),
    500: mark("Sorry, something went wrong"),
    503: mark("The service cannot answer now"),
}


def problem_page(
    request: Request, status: int, error: AmisError | None = None, *, actor: Actor | None = None
) -> HTMLResponse:
    """The page for an HTTP status and, where one was raised, for an error of ours.

    A status without a page of its own is shown as 422 (client) or 500 (server); the answer keeps its status.
    An error's message is shown, its detail only below 500.
    """
    shown = status if status in _TITLES else (500 if status >= 500 else 422)
    return render(
        request,
        "web/problem.html",
        actor=actor,
        status=status,
        title=_TITLES[shown],
        message=error.title if error else "",
        detail=error.detail if error and status < 500 else "",
        advice=_ADVICE.get(shown, ""),
        reference=request_id.get(),
    )


def wants_page(request: Request) -> bool:
    """Whether the caller is a person's browser and an error is answered with a page, not problem+json."""
    return "text/html" in request.headers.get("accept", "")
