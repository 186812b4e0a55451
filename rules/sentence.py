"""Plain sentences for conditions, in Latvian and English: what a clerk and a citizen read instead of JSON."""

from collections.abc import Mapping
from datetime import date

from rules.condition import (
    Age,
    All,
    Any,
    Condition,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
)
from rules.period import Period

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "all": "all of these: {parts}",
        "any": "at least one of these: {parts}",
        "not": "this does not hold: {part}",
        "has": "{fact}",
        "has_in": "{fact}: {values}",
        "or": " or ",
        "ge": "is {years} or older",
        "lt": "is younger than {years}",
        "member": "belongs to the group “{group}”",
        "from_to": "from {first} to {last}",
        "from": "from {first} on",
        "to": "until {last}",
        "ever": "at any time",
        "calendar": "on the days of the calendar “{calendar}”",
        "held": "for at least {months} without a break: {part}",
        "grace": "{part}, and for {months} after it ends",
        "month_end": "{part}, and until the end of that month",
        "school_year_end": "{part}, and until the end of that school year",
        "year_end": "{part}, and until the end of that year",
        "except": "{part}, except when: {unless}",
    },
    "lv": {
        "all": "izpildās visi nosacījumi: {parts}",
        "any": "izpildās vismaz viens nosacījums: {parts}",
        "not": "neizpildās: {part}",
        "has": "{fact}",
        "has_in": "{fact}: {values}",
        "or": " vai ",
        "ge": "vecums ir vismaz {years}",
        "lt": "ir jaunāks par {years}",
        "member": "ietilpst grupā „{group}”",
        "from_to": "no {first} līdz {last}",
        "from": "no {first}",
        "to": "līdz {last}",
        "ever": "jebkurā laikā",
        "calendar": "kalendāra „{calendar}” dienās",
        "held": "bez pārtraukuma vismaz {months}: {part}",
        "grace": "{part}, un vēl {months} pēc tam",
        "month_end": "{part}, un līdz tā mēneša beigām",
        "school_year_end": "{part}, un līdz tā mācību gada beigām",
        "year_end": "{part}, un līdz tā gada beigām",
        "except": "{part}, izņemot, ja: {unless}",
    },
}


def sentence(node: Condition, lang: str, names: Mapping[str, str]) -> str:
    """The condition as a phrase in `lang` (lv or en).

    `names` gives the phrase of a fact (`disability`), of its value (`disability:I`), of a group and of a calendar;
    a code without a name is shown as it is.
    """
    words = _WORDS[lang]
    match node:
        case All(parts) | Any(parts):
            return _joined(words["all" if isinstance(node, All) else "any"], parts, lang, names)
        case Not(part):
            return words["not"].format(part=_part(part, lang, names))
        case Has():
            return _has(node, words, names)
        case Age(op, years):
            return words[op].format(years=_years(op, years, lang))
        case Member(group):
            return words["member"].format(group=names.get(group, group))
        case During(when):
            return _during(when, lang, names)
        case Held(part, months) | Grace(part, months):
            key = "held" if isinstance(node, Held) else "grace"
            return words[key].format(part=_part(part, lang, names), months=_months(months, lang))
        case ExtendTo(part, boundary):
            return words[boundary.value].format(part=_part(part, lang, names))
        case Except(part, unless):
            return words["except"].format(part=_part(part, lang, names), unless=_part(unless, lang, names))


def show_day(day: date, lang: str) -> str:
    """A date as people write it.

    >>> show_day(date(2026, 3, 1), "lv"), show_day(date(2026, 3, 1), "en")
    ('01.03.2026.', '1 March 2026')
    """
    return day.strftime("%d.%m.%Y.") if lang == "lv" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _part(node: Condition, lang: str, names: Mapping[str, str]) -> str:
    phrase = sentence(node, lang, names)
    return phrase if isinstance(node, Has | Age | Member | During) else f"({phrase})"


def _joined(template: str, parts: tuple[Condition, ...], lang: str, names: Mapping[str, str]) -> str:
    if len(parts) == 1:
        return sentence(parts[0], lang, names)
    return template.format(parts="; ".join(_part(part, lang, names) for part in parts))


def _has(node: Has, words: Mapping[str, str], names: Mapping[str, str]) -> str:
    fact = names.get(node.fact, node.fact)
    if node.values is None:
        return words["has"].format(fact=fact)
    values = words["or"].join(names.get(f"{node.fact}:{value}", value) for value in sorted(node.values))
    return words["has_in"].format(fact=fact, values=values)


def _during(when: Period | str, lang: str, names: Mapping[str, str]) -> str:
    words = _WORDS[lang]
    if isinstance(when, str):
        return words["calendar"].format(calendar=names.get(when, when))
    first, last = when.start, when.last
    key = ("from_to" if last else "from") if first else ("to" if last else "ever")
    return words[key].format(first=first and show_day(first, lang), last=last and show_day(last, lang))


def _one(count: int) -> bool:
    """Latvian takes the singular after 1, 21, 31, but not after 11."""
    return count % 10 == 1 and count % 100 != 11


def _years(op: str, years: int, lang: str) -> str:
    if lang == "en":
        return str(years)
    if op == "ge":
        return f"{years} {'gads' if _one(years) else 'gadi'}"
    return f"{years} {'gadu' if _one(years) else 'gadiem'}"


def _months(months: int, lang: str) -> str:
    if lang == "en":
        return f"{months} month{'' if months == 1 else 's'}"
    return f"{months} {'mēnesi' if _one(months) else 'mēnešus'}"
