"""Two languages: catalogs of all rooms merged at start, and the language a request asks for.

Message ids are the English texts, so English needs a catalog only where it differs from them.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from starlette.requests import Request

LANGUAGES = {"lv": "Latviešu", "en": "English"}
DEFAULT = "lv"
COOKIE = "lang"
FOLDER = Path(__file__).parents[1] / "locale"


def mark(message: str) -> str:
    """Marks a text for the catalogs that is translated only where it is shown."""
    return message


def catalog_paths(language: str) -> list[Path]:
    """The catalogs of `language`, one a room."""
    return sorted((FOLDER / language / "LC_MESSAGES").glob("*.po"))


def read_catalog(path: Path, language: str) -> Catalog:
    """One catalog. Raises babel.messages.pofile.PoFileError when it is not a valid .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def translations(language: str) -> Translations:
    """All rooms' texts in `language`, ready for gettext."""
    merged = Catalog(locale=language)
    for path in catalog_paths(language):
        for message in read_catalog(path, language):
            if message.id:
                merged.add(message.id, message.string, context=message.context)
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled)


def translate(language: str, message: str) -> str:
    """`message` in `language`; the English text itself where there is no translation."""
    return translations(language).gettext(message) if message else ""


def preferred(accept_language: str) -> str:
    """The first of our languages by the weights of an Accept-Language header (RFC 9110 section 12.5.4)."""
    weighed = [_weighed(part) for part in accept_language.split(",")]
    known = [(weight, tag) for weight, tag in weighed if tag in LANGUAGES and weight > 0]
    return max(known, key=lambda pair: pair[0])[1] if known else DEFAULT


def _weighed(part: str) -> tuple[float, str]:
    tag, _, parameter = part.strip().partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        weight = float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        weight = 0.0
    return weight, tag.strip().lower().split("-")[0]


def asked_language(request: Request) -> str | None:
    """The language that this request switches to by `?lang=`, if it does."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def language_of(request: Request) -> str:
    """The language to answer in: `?lang=`, then the cookie, then Accept-Language, then Latvian."""
    kept = request.cookies.get(COOKIE)
    return (
        asked_language(request)
        or (kept if kept in LANGUAGES else None)
        or preferred(request.headers.get("accept-language", ""))
    )
