"""Acceptance cases as far as one tap can say them: T17 to T21, rights that begin, end or change on a day."""

from tests.terminals.golden.shapes import HALF, Json, right, vector

_CHILD = right("LV-DIS-CHILD", periods="{[2012-01-01,2026-05-10)}")
_GROUP = right("LV-DIS-1-2", periods="{[2026-05-10,)}")
_STUDENT = right("LV-ORPHAN", periods="{[2020-09-01,2026-05-10)}")
_FAMILY = right("LV-GODA-50", HALF), right("LV-GODA-40", {"kind": "percent", "value": "40"})
_STUDIES = right("LV-GODA-STUD", {"kind": "percent", "value": "90"})
_PRODUCTS: dict[str, Json] = {
    "LV-GODA-50": {"products": ["single"]},
    "LV-GODA-STUD": {"products": ["single"]},
    "LV-GODA-40": {"products": ["season"]},
}
_THREE_DAYS: dict[str, Json] = {"LV-GODA-DAYS": {"dates": ["05-04", "11-11", "11-18"]}}
_RIGA: dict[str, Json] = {"RIX-ALL-DAYS": {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}}
_ALL = [right("RIX-ALL-DAYS", periods="{[2010-01-01,)}")]


def _at(moment: str) -> Json:
    return {"at": moment}


VECTORS = [
    vector(
        "T17: the day before the 18th birthday",
        "ACCEPT OK_EXPIRES_SOON 0.0000 by LV-DIS-CHILD",
        _CHILD,
        _GROUP,
        tap=_at("2026-05-09T23:59:59+03:00"),
        case="T17",
    ),
    vector(
        "T17: on the birthday the group decides",
        "ACCEPT OK 0.0000 by LV-DIS-1-2",
        _CHILD,
        _GROUP,
        tap=_at("2026-05-10T00:00:00+03:00"),
        case="T17",
    ),
    vector(
        "T17: on the birthday without a group",
        "DENY NO_ENTITLEMENT 0.8500",
        _CHILD,
        tap=_at("2026-05-10T00:00:00+03:00"),
        case="T17",
    ),
    vector(
        "T18: the day before the 24th birthday",
        "ACCEPT OK_EXPIRES_SOON 0.0000 by LV-ORPHAN",
        _STUDENT,
        tap=_at("2026-05-09T23:59:59+03:00"),
        case="T18",
    ),
    vector(
        "T18: on the birthday",
        "DENY NO_ENTITLEMENT 0.8500",
        _STUDENT,
        tap=_at("2026-05-10T00:00:00+03:00"),
        case="T18",
    ),
    vector(
        "T19: a single ticket of the family",
        "ACCEPT OK 0.5000 by LV-GODA-50",
        *_FAMILY,
        terms=_PRODUCTS,
        tap={"gross": "1.0000"},
        case="T19",
    ),
    vector(
        "T19: a student's single ticket",
        "ACCEPT OK 0.1000 by LV-GODA-STUD",
        *_FAMILY,
        _STUDIES,
        terms=_PRODUCTS,
        tap={"gross": "1.0000"},
        case="T19",
    ),
    vector(
        "T19: a student's season ticket",
        "ACCEPT OK 24.0000 by LV-GODA-40",
        *_FAMILY,
        _STUDIES,
        terms=_PRODUCTS,
        tap={"gross": "40.0000", "product": "season"},
        case="T19",
    ),
    *(
        vector(
            f"T20: on {day}",
            says,
            right("LV-GODA-50", HALF),
            right("LV-GODA-DAYS"),
            terms=_THREE_DAYS,
            tap=_at(f"{day}T12:00:00+02:00"),
            case="T20",
        )
        for day, says in (
            ("2026-05-04", "ACCEPT OK 0.0000 by LV-GODA-DAYS"),
            ("2026-11-11", "ACCEPT OK 0.0000 by LV-GODA-DAYS"),
            ("2026-11-18", "ACCEPT OK 0.0000 by LV-GODA-DAYS"),
            ("2026-11-19", "ACCEPT OK 0.4250 by LV-GODA-50"),
        )
    ),
    *(
        vector(
            f"T21: nothing shown on {day}",
            says,
            state="none",
            universal=_ALL,
            terms=_RIGA,
            tap=_at(f"{day}T12:00:00+02:00"),
            case="T21",
        )
        for day, says in (
            ("2026-12-31", "ACCEPT OK 0.0000 by RIX-ALL-DAYS"),
            ("2027-01-01", "ACCEPT OK 0.0000 by RIX-ALL-DAYS"),
            ("2026-09-01", "ACCEPT OK 0.0000 by RIX-ALL-DAYS"),
            ("2026-12-30", "DENY NO_ENTITLEMENT 0.8500"),
        )
    ),
]
