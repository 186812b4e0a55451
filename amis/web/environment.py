"""The Jinja environment of one language: strict, escaping, with the templates of every room."""

from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.ext import i18n

from amis.web import assets, chart, formats, timeline
from amis.web.i18n import LANGUAGES, translate, translations
from amis.web.labels import END_REASONS, REASONS, state_of

ROOMS = Path(__file__).parents[1]
COMPONENTS = {
    "govukBackLink": "back-link",
    "govukBreadcrumbs": "breadcrumbs",
    "govukButton": "button",
    "govukCharacterCount": "character-count",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukDetails": "details",
    "govukErrorMessage": "error-message",
    "govukErrorSummary": "error-summary",
    "govukFieldset": "fieldset",
    "govukFileUpload": "file-upload",
    "govukHint": "hint",
    "govukInput": "input",
    "govukInsetText": "inset-text",
    "govukLabel": "label",
    "govukNotificationBanner": "notification-banner",
    "govukPagination": "pagination",
    "govukPanel": "panel",
    "govukPasswordInput": "password-input",
    "govukPhaseBanner": "phase-banner",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukServiceNavigation": "service-navigation",
    "govukSkipLink": "skip-link",
    "govukSummaryList": "summary-list",
    "govukTable": "table",
    "govukTabs": "tabs",
    "govukTag": "tag",
    "govukTaskList": "task-list",
    "govukTextarea": "textarea",
    "govukWarningText": "warning-text",
}


@cache
def components() -> dict[str, Any]:
    """The macros of GOV.UK Frontend by name.

    They lean on undefined values being empty, so they live in an environment of their own and ours stays strict.
    """
    macros = PackageLoader("govuk_frontend_jinja")
    lenient = Environment(loader=PrefixLoader({"govuk_frontend_jinja": macros}), autoescape=True)
    return {
        name: getattr(lenient.get_template(f"govuk_frontend_jinja/components/{folder}/macro.html").module, name)
        for name, folder in COMPONENTS.items()
    }


def template_folders() -> list[Path]:
    """The template folder of each room; a room's templates lie in `templates/<room>/`."""
    return sorted(ROOMS.glob("*/templates"))


@cache
def environment(language: str) -> Environment:
    """The environment in which pages in `language` are rendered."""
    env = Environment(
        loader=FileSystemLoader(template_folders()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[i18n],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # added by i18n
    env.globals |= components() | _tools(language)
    env.filters |= _filters(language)
    return env


def _tools(language: str) -> dict[str, Any]:
    return {
        "language": language,
        "languages": LANGUAGES,
        "asset": assets.url,
        "state_of": state_of,
        "reasons": REASONS,
        "end_reasons": END_REASONS,
        "draw_chart": chart.draw,
        "draw_timeline": timeline.draw,
        "state_of_span": timeline.state,
    }


def _filters(language: str) -> dict[str, Any]:
    speaking = {
        "day": formats.day,
        "instant": formats.instant,
        "clock_time": formats.clock_time,
        "month": formats.month,
        "month_short": formats.month_short,
        "number": formats.number,
        "money": formats.money,
        "cents": formats.cents,
        "percent": formats.percent,
    }
    filters: dict[str, Any] = {name: partial(_in, language, write) for name, write in speaking.items()}
    return filters | {"last_day": formats.last_day, "translated": partial(translate, language)}


def _in(language: str, write: Any, value: Any, *args: Any, **kwargs: Any) -> str:
    """Calls a formatter as a filter: the value comes first and the language second."""
    return str(write(value, language, *args, **kwargs))
