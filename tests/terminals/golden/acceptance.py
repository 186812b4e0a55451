"""Acceptance cases as far as one tap with its memory can say them: T06 to T16."""

from tests.terminals.golden.shapes import BUS, FREE, HALF, MONTHLY, TRAM, Json, right, vector

_DAILY: Json = {"n": 5, "per": "day"}
_NEEDY = right("JLG-NEEDY20", quota=MONTHLY)
_PENSIONER = right("JLG-PENS2018", HALF, MONTHLY)
_CARRIED = right("JLG-PENS20", FREE, {"n": 20, "per": "month", "carry_until": "10-31"}, periods="{[2026-09-01,)}")
_ORPHAN = right("JLG-ORPHAN5", quota=_DAILY)
_PUPIL = right("JLG-PUPIL4", quota={"n": 4, "per": "day"})
_WORKING = right("JLG-PUPIL4", quota={"n": 4, "per": "day"}, flags=["summer_work"])
_SCHOOL: dict[str, Json] = {"JLG-PUPIL4": {"calendar": "{[2025-09-01,2026-06-01)}", "waiver": "summer_work"}}
_DAUGAVPILS = right("DGP-PENSION", {"kind": "amount_off", "value": "0.50"})
_CHORNOBYL = right("DGP-CHAES", modes=["tram"])
_CHOICE: dict[str, Json] = {"DGP-CHAES": {"modes": ["bus", "tram"], "holder_mode": True}}


def _rides(code: str, window: str, used: int) -> dict[str, list[tuple[str, str, int]]]:
    return {"used": [(code, window, used)]}


def _at(moment: str, **others: object) -> Json:
    return {"at": moment, **others}


_COUNTED = [
    vector(
        "T06: ride 20 of the month is free",
        "ACCEPT OK 0.0000 by JLG-NEEDY20, 0 left",
        _NEEDY,
        memory=_rides("JLG-NEEDY20", "2026-05-01", 19),
        case="T06",
    ),
    vector(
        "T06: ride 21 costs the full price",
        "DENY QUOTA_USED 0.8500, 0 left",
        _NEEDY,
        memory=_rides("JLG-NEEDY20", "2026-05-01", 20),
        case="T06",
    ),
    vector("T07: ride 1 at half the price", "ACCEPT OK 0.4250 by JLG-PENS2018, 19 left", _PENSIONER, case="T07"),
    vector(
        "T07: ride 20 at half the price",
        "ACCEPT OK 0.4250 by JLG-PENS2018, 0 left",
        _PENSIONER,
        memory=_rides("JLG-PENS2018", "2026-05-01", 19),
        case="T07",
    ),
    vector(
        "T07: ride 21 costs the full price",
        "DENY QUOTA_USED 0.8500, 0 left",
        _PENSIONER,
        memory=_rides("JLG-PENS2018", "2026-05-01", 20),
        case="T07",
    ),
    vector(
        "T08: twelve were left on 30 September",
        "ACCEPT OK 0.0000 by JLG-PENS20, 11 left",
        _CARRIED,
        tap=_at("2026-09-30T12:00:00+03:00"),
        memory=_rides("JLG-PENS20", "2025-11-01", 8),
        case="T08",
    ),
    vector(
        "T08: 32 are usable in October",
        "ACCEPT OK 0.0000 by JLG-PENS20, 31 left",
        _CARRIED,
        tap=_at("2026-10-01T12:00:00+03:00"),
        memory=_rides("JLG-PENS20", "2025-11-01", 8),
        case="T08",
    ),
    vector(
        "T08: on 1 November only 20",
        "ACCEPT OK 0.0000 by JLG-PENS20, 19 left",
        _CARRIED,
        tap=_at("2026-11-01T00:00:00+02:00"),
        memory=_rides("JLG-PENS20", "2025-11-01", 8),
        case="T08",
    ),
    vector(
        "T09: the sixth ride of a day",
        "DENY QUOTA_USED 0.8500, 0 left",
        _ORPHAN,
        tap=_at("2026-05-10T23:59:59+03:00"),
        memory=_rides("JLG-ORPHAN5", "2026-05-10", 5),
        case="T09",
    ),
    vector(
        "T09: at midnight",
        "ACCEPT OK 0.0000 by JLG-ORPHAN5, 4 left",
        _ORPHAN,
        tap=_at("2026-05-11T00:00:00+03:00"),
        memory=_rides("JLG-ORPHAN5", "2026-05-10", 5),
        case="T09",
    ),
]
_SCOPED = [
    vector(
        "T10: a pupil on 15 July",
        "DENY OUT_OF_TIME 0.8500",
        _PUPIL,
        terms=_SCHOOL,
        tap=_at("2026-07-15T08:00:00+03:00"),
        case="T10",
    ),
    vector(
        "T10: with summer work",
        "ACCEPT OK 0.0000 by JLG-PUPIL4, 3 left",
        _WORKING,
        terms=_SCHOOL,
        tap=_at("2026-07-15T08:00:00+03:00"),
        case="T10",
    ),
    vector(
        "T11: half a euro off 1.00",
        "ACCEPT OK 0.5000 by DGP-PENSION",
        _DAUGAVPILS,
        tap={"gross": "1.0000"},
        case="T11",
    ),
    vector(
        "T11: half a euro off 0.40",
        "ACCEPT OK 0.0000 by DGP-PENSION",
        _DAUGAVPILS,
        tap={"gross": "0.4000"},
        case="T11",
    ),
    vector(
        "T14: the tram chosen, a tap in a bus",
        "DENY OUT_OF_SCOPE 0.8500",
        _CHORNOBYL,
        terms=_CHOICE,
        tap={"place": BUS},
        case="T14",
    ),
    vector(
        "T14: the tram chosen, a tap in a tram",
        "ACCEPT OK 0.0000 by DGP-CHAES",
        _CHORNOBYL,
        terms=_CHOICE,
        tap={"place": TRAM},
        case="T14",
    ),
    vector(
        "T15: a companion with a holder of group I",
        "ACCEPT OK 0.0000 by LV-DIS-1, 1 along",
        right("LV-DIS-1"),
        terms={"LV-DIS-1": {"companions": 1}},
        tap={"companions": 1},
        case="T15",
    ),
    vector(
        "T15: a companion without a holder",
        "DENY COMPANION_WITHOUT_HOLDER 0.8500",
        state="none",
        tap={"companions": 1},
        case="T15",
    ),
    vector(
        "T16: group II takes no companion",
        "ACCEPT OK 0.0000 by LV-DIS-2",
        right("LV-DIS-2"),
        tap={"companions": 1},
        case="T16",
    ),
]
VECTORS = _COUNTED + _SCOPED
