"""What was typed into the forms of providers, places and terminals; errors beside fields are marked English texts."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from amis.concessions.scope import MODES as TRANSPORT
from amis.concessions.scope import SCOPES
from amis.validating.places import PlaceDraft
from amis.web.i18n import mark

KINDS: Mapping[str, str] = {"carrier": mark("Carrier"), "venue": mark("Venue")}
MODES: Mapping[str, str] = {
    **TRANSPORT,
    "canteen": mark("canteen"),
    "museum": mark("museum"),
    "sports": mark("sports hall or pool"),
    "venue": mark("another venue"),
}
ZONES: Mapping[str, str] = {"": mark("none"), **SCOPES}
LONGEST_NAME = 120
_PROVIDER_CODE = re.compile(r"[A-Z0-9-]{2,32}")
_PLACE_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NAME = mark("Enter a name of at most 120 characters")
_DEGREES = mark("Enter degrees such as 56.6489, or leave both fields empty")


def provider_errors(code: str, name: str, kind: str) -> dict[str, str]:
    """What is wrong with a new provider."""
    errors = {}
    if not _PROVIDER_CODE.fullmatch(code):
        errors["code"] = mark("Enter 2 to 32 capital letters, digits or hyphens")
    if kind not in KINDS:
        errors["kind"] = mark("Choose what it is")
    return name_errors(name) | errors


def name_errors(name: str, field: str = "name") -> dict[str, str]:
    """What is wrong with a name."""
    return {} if 0 < len(name) <= LONGEST_NAME and name.isprintable() else {field: _NAME}


def read_place(
    given: Mapping[str, str], *, code: str = "", zone: str | None = None
) -> tuple[PlaceDraft, dict[str, str]]:
    """The place that was typed in, and what is wrong with it; `code` and `zone` are those that a place has already."""
    errors = name_errors(given["name"])
    if not _PLACE_CODE.fullmatch(code or given["code"]):
        errors["code"] = mark("Enter 1 to 64 letters without diacritics, digits, dots, hyphens or underscores")
    # a place may have been given a word of its own kind before it had a page
    if not given["mode"].isidentifier():
        errors["mode"] = mark("Choose what kind of place it is")
    if given["zone"] not in (*ZONES, zone):
        errors["zone"] = mark("Choose one of the zones")
    lat, lon = _degrees(given["lat"], 90), _degrees(given["lon"], 180)
    written = bool(given["lat"] or given["lon"])
    if written:
        errors |= {name: _DEGREES for name, value in (("lat", lat), ("lon", lon)) if value is None}
    at = (lat, lon) if lat is not None and lon is not None else None
    draft = PlaceDraft(code or given["code"], given["name"], given["mode"], given["zone"] or None, at)
    return draft, errors


def _degrees(typed: str, most: int) -> float | None:
    try:
        value = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        return None
    return float(value) if value.is_finite() and abs(value) <= most else None
