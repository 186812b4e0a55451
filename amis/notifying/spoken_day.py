"""Days as a sentence says them: Latvian declines the month after "no" (genitive) and "līdz" (dative)."""

from datetime import date

from amis.web.formats import day as written_day

_AFTER_NO = (
    *("janvāra", "februāra", "marta", "aprīļa", "maija", "jūnija"),
    *("jūlija", "augusta", "septembra", "oktobra", "novembra", "decembra"),
)
_AFTER_LIDZ = (
    *("janvārim", "februārim", "martam", "aprīlim", "maijam", "jūnijam"),
    *("jūlijam", "augustam", "septembrim", "oktobrim", "novembrim", "decembrim"),
)


def since(day: date, language: str) -> str:
    """What follows "no": 2026. gada 1. marta. In English 1 March 2026."""
    return _declined(day, _AFTER_NO) if language == "lv" else written_day(day, language, "long")


def until(day: date, language: str) -> str:
    """What follows "līdz": 2026. gada 31. maijam. In English 31 May 2026."""
    return _declined(day, _AFTER_LIDZ) if language == "lv" else written_day(day, language, "long")


def _declined(day: date, months: tuple[str, ...]) -> str:
    return f"{day.year}. gada {day.day}. {months[day.month - 1]}"
