"""Plain sentences for conditions, in Latvian and English: what a clerk and a citizen read instead of JSON."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from rules.node import (
    Age,
    All,
    Any,
    Cohort,
    Condition,
    Count,
    During,
    Except,
    ExtendTo,
    Grace,
    Has,
    Held,
    Member,
    Not,
    Num,
    Param,
    Related,
)
from rules.period import Period
from rules.wording import WORDS


def sentence(node: Condition, lang: str, names: Mapping[str, str]) -> str:
    """The condition as a phrase in `lang` (lv or en).

    `names` gives the phrase of a fact (`disability`), of its value (`disability:I`), of a group, a calendar, a
    relation, a parameter and a cohort table; a code without a name is shown as it is.
    """
    words = WORDS[lang]
    match node:
        case All(parts) | Any(parts):
            return _joined(words["all" if isinstance(node, All) else "any"], parts, lang, names)
        case Not(part):
            return words["not"].format(part=_part(part, lang, names))
        case Has():
            return _has(node, words, names)
        case Num(fact, op, value):
            limit = words[f"num_{op}"].format(figure=_figure(value, lang, names))
            return words["num"].format(fact=names.get(fact, fact), limit=limit)
        case Age(op, years):
            return _age(op, years, lang, names)
        case Member(group):
            return words["member"].format(group=names.get(group, group))
        case Related() | Count():
            return _relatives(node, lang, names)
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
    return phrase if isinstance(node, Has | Num | Age | Member | During) else f"({phrase})"


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


def _figure(value: Decimal | Param, lang: str, names: Mapping[str, str]) -> str:
    if isinstance(value, Param):
        return WORDS[lang]["num_param"].format(code=names.get(value.code, value.code))
    return f"{value:f}".replace(".", "," if lang == "lv" else ".")


def _age(op: str, years: int | Param | Cohort, lang: str, names: Mapping[str, str]) -> str:
    words = WORDS[lang]
    if isinstance(years, int):
        return words[op].format(years=_years(op, years, lang))
    key = "age_param" if isinstance(years, Param) else "age_cohort"
    return words[f"{op}_set"].format(figure=words[key].format(code=names.get(years.code, years.code)))


def _relatives(node: Related | Count, lang: str, names: Mapping[str, str]) -> str:
    template = ("related" if isinstance(node, Related) else "count") + ("" if node.where is None else "_where")
    part = "" if node.where is None else _part(node.where, lang, names)
    limit = _limit(node, lang) if isinstance(node, Count) else ""
    relation = names.get(node.relation, node.relation)
    return WORDS[lang][template].format(relation=relation, part=part, limit=limit)


def _limit(node: Count, lang: str) -> str:
    one, more = ("person", "persons") if lang == "en" else ("persona", "personas")
    single = node.value == 1 if lang == "en" else _one(node.value)
    return WORDS[lang][f"num_{node.op}"].format(figure=f"{node.value} {one if single else more}")


def _during(when: Period | str, lang: str, names: Mapping[str, str]) -> str:
    words = WORDS[lang]
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
