"""A small application that shows each component, so that tests and eyes can look at them."""

from datetime import date, timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from amis.kernel.actor import Actor
from amis.kernel.errors import Forbidden
from amis.web import assets
from amis.web.chart import Chart, Series
from amis.web.environment import environment
from amis.web.headers import SecurityHeaders
from amis.web.i18n import language_of
from amis.web.labels import GENERAL, REASONS, TOKEN_STATES, VERDICTS
from amis.web.navigation import ENTRIES
from amis.web.pages import render
from amis.web.problems import problem_page
from amis.web.timeline import Row, Span

CLERK = Actor("staff", "u1", "Ilze Bērziņa", 1, "Jelgavas valstspilsēta", frozenset(e.permission for e in ENTRIES))
TODAY = date(2026, 5, 31)

COMPONENTS = """
{% extends "web/layout.html" %}
{% from "web/states.html" import verdict_tag, token_tag, state_tag, yes_no, reason_text %}
{% from "web/lists.html" import table, summary, pages, empty %}
{% from "web/timeline.html" import timeline %}
{% from "web/chart.html" import chart %}
{% block title %}Rīgas iela{% endblock %}
{% block content %}
<h1 class="govuk-heading-xl">Ķēžu šķērsošana žņaudz čūsku</h1>
<p>{% for value in verdicts %}{{ verdict_tag(value) }} {% endfor %}</p>
<p>{% for value in token_states %}{{ token_tag(value) }} {% endfor %}</p>
<p>{% for value in general %}{{ state_tag("general", value) }} {% endfor %}{{ yes_no(true) }}</p>
{{ summary([("Vārds", name), ("Kods", "JLG-NEEDY20", [("Mainīt", "/x")])], "Saņēmējs") }}
{{ timeline("Fakti un atvieglojumi", rows, today) }}
{{ chart(plan, write="cents") }}
{{ chart(line, id="line") }}
{{ table("Piemēri", ["Pakalpojums", "Skaits", "Summa", "Iemesls"], [
  ["Autobuss", 1200, "1 020,00 EUR", reason_text("OK")],
  ["Peldbaseins", 14, "11,90 EUR", reason_text("QUOTA_USED")],
], numeric=[1, 2]) }}
{{ pages(4, 9, page_url) }}
{% call empty("Nav atrasts neviens ieraksts") %}Pamēģini citu periodu.{% endcall %}
{% endblock %}
"""
FORMS = """
{% extends "web/layout.html" %}
{% from "web/forms.html" import error_summary, filter_form, confirm_panel, hidden, submit, link_button %}
{% from "web/forms.html" import text_field, day_field, password_field, textarea_field, select_field %}
{% from "web/forms.html" import radios_field, checkboxes_field %}
{% from "web/forms.html" import file_field %}
{% from "web/code.html" import code_panel %}
{% block content %}
{{ error_summary(errors) }}
<h1 class="govuk-heading-l">Forma</h1>
{% call filter_form("/forms", clear="/forms") %}
{{ day_field("from", "No", "01.05.2026", hint="") }}
{{ select_field("provider", "Pakalpojuma sniedzējs", [("", "Visi"), ("jap", "Jelgavas autobusu parks")], "jap") }}
{% endcall %}
<form method="post" action="/forms" novalidate>
{{ hidden("step", "1") }}
{{ text_field("name", "Nosaukums", given, errors, hint="Kā tas redzams sarakstos") }}
{{ text_field("amount", "Summa", "0,85", errors, suffix="EUR", inputmode="decimal", classes="govuk-input--width-5") }}
{{ day_field("day", "Diena", "", errors) }}
{{ password_field("password", "Parole", errors) }}
{{ textarea_field("note", "Piezīme", "", errors) }}
{{ radios_field("kind", "Veids", [("qr", "QR kods", "Drukājams uz papīra"), ("card", "Karte")], "qr", errors) }}
{{ checkboxes_field("days", "Dienas", [("mo", "Pirmdiena"), ("tu", "Otrdiena")], ("mo",), errors) }}
{{ file_field("file", "Fails", errors, accept=".csv") }}
<div class="govuk-button-group">{{ submit("Saglabāt") }}{{ link_button("Atpakaļ", "/") }}</div>
</form>
{% call confirm_panel("Bloķēt līdzekli?", "/forms", "Bloķēt", cancel="/") %}
<p class="govuk-body">Nākamā pārbaude to noraidīs.</p>
{{ select_field("reason", "Iemesls", [("lost", "Nozaudēts"), ("stolen", "Nozagts")]) }}
{% endcall %}
{{ code_panel("Savienošanas kods", "7KQ4-M2PX-9D", hint="Ievadi to validatorā.") }}
{% endblock %}
"""


def _months(count: int) -> tuple[str, ...]:
    return tuple(f"{1 + n % 12:02}.{25 + n // 12}" for n in range(count))


PLAN = Chart(
    "Atlaides pa mēnešiem",
    "Atlaižu summa katrā mēnesī pēc finansētāja.",
    _months(12),
    (
        Series("Jelgavas pašvaldība", tuple(50000 + 4000 * n for n in range(12))),
        Series("Valsts", tuple(90000 - 3000 * n for n in range(12))),
        Series("Citi", (0, *(1500.0 * n for n in range(11)))),
    ),
    "Mēnesis",
)
LINE = Chart("Pārbaudes", "Pārbaužu skaits.", _months(6), (Series("Skaits", (3, 8, 5, 13, 9, 11)),), "Mēnesis", "line")
SPELLS = (Span(date(2024, 3, 1), date(2024, 9, 1)), Span(date(2026, 1, 1), date(2026, 7, 1)))
ROWS = (
    Row(
        "Trūcīgas mājsaimniecības statuss",
        "fact",
        SPELLS,
    ),
    Row("JLG-NEEDY20", "entitlement", (Span(date(2026, 1, 1), date(2026, 7, 1)),), "80 % atlaide"),
    Row("LV-DIS-1-2", "entitlement", (Span(TODAY - timedelta(days=400), None),), "bez maksas"),
    Row("QR 0004", "blocked", (Span(TODAY - timedelta(days=90), TODAY + timedelta(days=30)),)),
)


async def components(request: Request) -> HTMLResponse:
    """Everything that shows something."""
    template = environment(language_of(request)).from_string(COMPONENTS)
    return render(
        request,
        template,
        actor=CLERK,
        breadcrumbs=[("Persons", "/persons"), ("Anna <script>", None)],
        name="<b>Anna</b> & Ķ",
        verdicts=VERDICTS,
        token_states=TOKEN_STATES,
        general=GENERAL,
        reasons=REASONS,
        rows=ROWS,
        today=TODAY,
        plan=PLAN,
        line=LINE,
        page_url=lambda number: f"/?page={number}",
    )


async def forms(request: Request) -> HTMLResponse:
    """Everything that asks for something; with `?wrong` it shows errors."""
    wrong = {"name": "There is a problem", "day": "Error", "kind": "Error", "days": "Error", "password": "Error"}
    template = environment(language_of(request)).from_string(FORMS)
    errors = wrong if "wrong" in request.query_params else {}
    return render(request, template, actor=CLERK, errors=errors, given="<i>", phase=("Demo", "Nobody here is real"))


async def problem(request: Request) -> HTMLResponse:
    """A problem page of the status in the path."""
    return problem_page(request, int(request.path_params["status"]), Forbidden("secret"), actor=None)


async def strict(request: Request) -> Response:
    """A page that uses a name nobody gave."""
    return render(request, environment("en").from_string("{{ nobody_gave_this }}"))


def application(*, secure: bool = False) -> Starlette:
    """The demo with its assets and security headers."""
    routes = [
        Route("/", components),
        Route("/forms", forms, methods=["GET", "POST"]),
        Route("/problem/{status}", problem),
        Route("/strict", strict),
        *assets.routes(),
    ]
    return Starlette(routes=routes, middleware=[Middleware(SecurityHeaders, secure=secure)])
