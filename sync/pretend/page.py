"""The scoreboard as a page in Latvian and English; it works without scripts, and a small one keeps it current."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sync.pretend.little_http import Request, Response
from sync.pretend.page_words import LANGUAGES, WORDS

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOLDER = Path(__file__).parent / "static"
_STATIC = {"/board.css": "text/css", "/board.js": "text/javascript"}
Words = Mapping[str, str]


def answer(request: Request, counts: Mapping[str, Any]) -> Response:
    """`/` is the page, `/board.json` its counts; `?lang=en` chooses the language, else what the browser asks for."""
    address = urlsplit(request.path)
    if request.method != "GET":
        return Response(405, headers={"allow": "GET"})
    if address.path in _STATIC:
        return _file((_FOLDER / address.path[1:]).read_text(encoding="utf-8"), _STATIC[address.path])
    if address.path == "/board.json":
        return _file(json.dumps(counts, ensure_ascii=False), "application/json")
    if address.path != "/":
        return Response(404)
    return _file(page(counts, _language(request, parse_qs(address.query))), "text/html")


def page(counts: Mapping[str, Any], language: str) -> str:
    """The whole page."""
    words = WORDS[language]
    others = " ".join(
        f'<a href="/?lang={code}" hreflang="{code}" lang="{code}">{name}</a>'
        for code, name in LANGUAGES.items()
        if code != language
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{words["title"]}</title>'
        '<link rel="stylesheet" href="/board.css"><script src="/board.js" defer></script></head><body>'
        f"<header><nav>{others}</nav><h1>{words['title']}</h1>"
        f'<button type="button" aria-pressed="false" hidden>{words["pause"]}</button></header>'
        f'<main id="board">{"".join(_board(counts, words))}</main></body></html>'
    )


def _board(counts: Mapping[str, Any], words: Words) -> Iterable[str]:
    kind, said = ("well", words["well"]) if counts["well"] else ("ill", words["ill"])
    yield f'<p class="verdict {kind}">{said}</p>'
    yield _ledger(counts["ledger"], words)
    yield _table(words["ways"], (words["way"], words["sent"], "p50 ms", "p99 ms", words["verdicts"]), _ways(counts))
    mischief = [
        (words.get(name, name), tally["done"], tally["as_it_must"]) for name, tally in counts["mischief"].items()
    ]
    yield _table(words["mischief"], (words["kind"], words["done"], words["as_it_must"]), mischief, words["none"])
    yield _table(words["outflow"], (words["what"], words["count"]), _outflow(counts["outflow"], words))
    found = [
        (line["at"][:19], line["via"], words.get(line["mischief"], line["mischief"]), line["what"])
        for line in counts["differences"]
    ]
    heading = (words["when"], words["way"], words["mischief"], words["what"])
    yield _table(words["differences"], heading, found, words["none"])


def _ledger(ledger: Mapping[str, Any], words: Words) -> str:
    drift = words["not_compared"] if ledger["drift"] is None else ledger["drift"]
    lines = [(words["drift"], drift), *((words[name], ledger[name]) for name in ("records", "standing", "waiting"))]
    return _table(words["ledger"], (words["what"], words["count"]), lines)


def _ways(counts: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (name, way["exchanges"], way["p50_ms"], way["p99_ms"], _listed(way["verdicts"]))
        for name, way in counts["ways"].items()
    ]


def _outflow(outflow: Mapping[str, Any], words: Words) -> list[tuple[Any, ...]]:
    feed = outflow["feed"]
    read = [(words[name], feed[name]) for name in ("entries", "seq", "head", "gaps")]
    read += [(words["fault"], feed["fault"])] if feed["fault"] else []
    return [*read, (words["topics"], _listed(feed["topics"])), (words["webhooks"], _listed(outflow["webhooks"]))]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "0"


def _table(caption: str, heading: Iterable[str], rows: Iterable[Iterable[Any]], none: str = "") -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heading)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    if not body:
        return f"<h2>{escape(caption)}</h2><p>{escape(none)}</p>"
    table = f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    # it may be wider than a small screen, and whoever has no mouse must be able to move it
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(caption)}">{table}</div>'


def _cell(value: Any) -> str:
    return f"<td>{escape(str(value))}</td>"


def _language(request: Request, query: Mapping[str, list[str]]) -> str:
    asked = query.get("lang", [""])[-1]
    if asked in WORDS:
        return asked
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "lv"


def _file(text: str, media_type: str) -> Response:
    headers = {
        "content-type": f"{media_type}; charset=utf-8",
        "content-security-policy": _POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
    return Response(200, text.encode(), headers)
