"""The limits of terms in plain words: when, where, for what, with whom, and what a terminal checks."""

from collections.abc import Iterable, Mapping

from amis.concessions.scope import MODES, PRODUCTS, SCOPES
from amis.concessions.shapes import from_date, from_days
from amis.web.formats import number
from amis.web.i18n import mark, translate, translations
from rules.terms import Amber, Offline, Terms

Rows = list[tuple[str, str]]
WEEKDAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
AMBERS: Mapping[Amber, str] = {
    Amber.GRANT: mark("the concession is given"),
    Amber.GRANT_WITH_ID: mark("the concession is given after a look at the holder's photo"),
    Amber.DENY: mark("the concession is not given"),
}
_USUAL_PRIORITY = Terms().priority


def limits_in_words(terms: Terms, language: str) -> Rows:
    """The limits as (label, sentence) pairs in `language`, only those that there are."""
    found: Rows = []
    for said in (_for_whom, _where, _when, _together, _checks):
        found += said(terms, language)
    return [(translate(language, label), text) for label, text in found if text]


def _for_whom(terms: Terms, language: str) -> Rows:
    said = []
    if terms.universal:
        said.append(mark("everybody, without a token; nobody is recorded"))
    if terms.by_sight:
        said.append(mark("no token is needed, the driver sees it"))
    return [(mark("For whom"), _listed(said, language))]


def _together(terms: Terms, language: str) -> Rows:
    group = terms.exclusive_group or ""
    priority = number(terms.priority, language) if terms.priority != _USUAL_PRIORITY else ""
    return [
        (mark("Companions"), str(terms.companions) if terms.companions else ""),
        (mark("Most persons of a household"), str(terms.per_household or "")),
        (mark("The right begins"), _start(terms, language)),
        (mark("Only one at a time of the group"), group),
        (mark("Place in the order of use"), priority),
    ]


def _start(terms: Terms, language: str) -> str:
    if terms.cut_off_day is None:
        return ""
    pattern = mark("asked for by day %(day)s of a month, from the 1st of the next month; later, a month later")
    return translate(language, pattern) % {"day": terms.cut_off_day}


def _where(terms: Terms, language: str) -> Rows:
    modes = _named(terms.modes, MODES, language)
    if terms.holder_mode:
        modes = translate(language, mark("%(modes)s: the holder chooses one")) % {"modes": modes}
    return [
        (mark("Where"), _named(terms.zones, SCOPES, language)),
        (mark("Modes of transport"), modes),
        (mark("Routes"), ", ".join(sorted(terms.routes))),
        (mark("Providers"), ", ".join(sorted(terms.providers))),
        (mark("Stops and venues"), ", ".join(sorted(terms.places))),
        (mark("Products"), _named(terms.products, PRODUCTS, language)),
    ]


def _when(terms: Terms, language: str) -> Rows:
    calendar = "; ".join(from_days(terms.calendar, language)) if terms.calendar is not None else ""
    if calendar and terms.waiver:
        lifted = translate(language, mark("lifted for those with the fact “%(fact)s”")) % {"fact": terms.waiver}
        calendar = f"{calendar} ({lifted})"
    return [
        (mark("Weekdays"), _listed((WEEKDAYS[at - 1] for at in sorted(terms.weekdays)), language)),
        (mark("Times of day"), ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in terms.windows)),
        (mark("Dates"), ", ".join(from_date(value, language) for value in sorted(terms.dates))),
        (mark("Calendar"), calendar),
        (mark("Least time between two uses"), _seconds(terms.pass_back_seconds, language)),
    ]


def _seconds(count: int, language: str) -> str:
    values = {"n": number(count, language)}
    return translations(language).ngettext("%(n)s second", "%(n)s seconds", count) % values if count else ""


def _checks(terms: Terms, language: str) -> Rows:
    photo = translate(language, mark("is looked at on each use")) if terms.check_photo else ""
    return [(mark("Photo"), photo), (mark("Without a connection"), _offline(terms.offline, language))]


def _offline(offline: Offline, language: str) -> str:
    if offline == Offline():
        return ""
    if offline.online_only:
        return translate(language, mark("the concession is never given"))
    pattern = mark("in doubt, %(policy)s; uses not yet sent: at most %(cap)s")
    policy = translate(language, AMBERS[offline.amber])
    return translate(language, pattern) % {"policy": policy, "cap": offline.cap}


def _named(words: Iterable[str], names: Mapping[str, str], language: str) -> str:
    return _listed((names.get(word, word) for word in sorted(words)), language)


def _listed(words: Iterable[str], language: str) -> str:
    return ", ".join(translate(language, word) for word in words)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
