"""The limits of the terms as they are typed: when, where, for what, with whom, and what a terminal checks."""

from collections.abc import Iterator, Mapping
from typing import Any

from amis.concessions.forms import Form
from amis.concessions.scope import MODES, SCOPES
from amis.concessions.shapes import lines, to_date, to_days, to_whole, to_window, words
from amis.web.i18n import mark
from rules.errors import Refused
from rules.period import Days
from rules.shape import Json
from rules.terms import Terms

WHOLE_NUMBERS = ("companions", "pass_back_seconds", "priority", "per_household", "cut_off_day")
WORDS = ("routes", "providers", "places", "products")
TEXTS = ("waiver", "exclusive_group")
FLAGS: Mapping[str, tuple[str, ...]] = {
    "everybody": ("universal", "by_sight"),
    "choice": ("holder_mode",),
    "checks": ("check_photo",),
}
"""What holds or not, by the field in which it is ticked; `online_only` of the offline use stands in `checks` too."""
FAULTS: Mapping[str, str] = {
    "zones": mark("Choose from the list"),
    "modes": mark("Choose from the list"),
    "weekdays": mark("Choose from the list"),
    "choice": mark("Tick the modes from which the holder chooses"),
    "windows": mark("Enter a time of day on each line, such as 07:00–09:00"),
    "dates": mark("Enter a day on each line, such as 04.05. for every year or 01.09.2026."),
    "calendar": mark("Enter a period on each line, such as 01.09.2026.–31.05.2027."),
    "companions": mark("Enter a whole number from 0 to 10"),
    "pass_back_seconds": mark("Enter whole seconds, at most 86 400"),
    "priority": mark("Enter a whole number from 1 to 1000"),
    "per_household": mark("Enter a whole number from 1 to 20"),
    "cut_off_day": mark("Enter a day of the month from 1 to 31"),
    "cap": mark("Enter a whole number from 0 to 1000"),
    "amber": mark("Choose from the list"),
}
OTHER_FAULT = mark("Enter at most 200 characters")


def read_limits(form: Form, calendars: Mapping[str, Days]) -> Terms | None:
    """The limits; None with errors in the form. A named calendar goes before periods that were typed."""
    for field, known in (("modes", MODES), ("zones", SCOPES)):
        if set(form.ticks(field)) - known.keys():
            form.errors[field] = FAULTS[field]
    shape = dict(_limits(form, calendars))
    for key, value in shape.items():
        if key != "holder_mode" and _refused({key: value}):
            field = "cap" if key == "offline" else key
            form.errors[field] = FAULTS.get(field, OTHER_FAULT)
    if form.errors:
        return None
    if _refused(shape):
        form.errors["choice"] = FAULTS["choice"]
        return None
    return Terms.from_json(shape)


def _limits(form: Form, calendars: Mapping[str, Days]) -> Iterator[tuple[str, Any]]:
    """The keys of the terms that are filled in, as JSON."""
    for key in ("modes", "zones"):
        yield key, list(dict.fromkeys([*form.ticks(key), *words(form.get(f"other_{key}"))]))
    yield from ((key, words(form.get(key))) for key in WORDS)
    yield "weekdays", [to_whole(day) for day in form.ticks("weekdays")]
    yield "windows", [to_window(line) for line in lines(form.get("windows"))]
    yield "dates", sorted(set(map(to_date, lines(form.get("dates")))))
    yield from ((key, form.get(key)) for key in TEXTS if form.get(key))
    yield from ((key, to_whole(form.get(key))) for key in WHOLE_NUMBERS if form.get(key))
    for field, flags in FLAGS.items():
        yield from ((flag, True) for flag in flags if flag in form.ticks(field))
    yield from _calendar(form, calendars)
    yield "offline", _offline(form)


def _calendar(form: Form, calendars: Mapping[str, Days]) -> Iterator[tuple[str, Any]]:
    if form.get("calendar_code") in calendars:
        yield "calendar", str(calendars[form.get("calendar_code")])
    elif form.get("calendar"):
        yield "calendar", to_days(lines(form.get("calendar")))


def _offline(form: Form) -> Json:
    shape: Json = {"online_only": "online_only" in form.ticks("checks")}
    shape |= {"amber": form.get("amber")} if form.get("amber") else {}
    return shape | ({"cap": to_whole(form.get("cap"))} if form.get("cap") else {})


def _refused(shape: Json) -> bool:
    try:
        Terms.from_json(shape)
    except Refused:
        return True
    return False
