"""Where, when and for what a right may be used."""

from tests.terminals.golden.shapes import BUS, HALF, TRAM, right, vector

VECTORS = [
    vector(
        "the holder chose the tram and taps in a bus", "DENY OUT_OF_SCOPE 0.8500", right("DGP-CHAES", modes=["tram"])
    ),
    vector(
        "the holder chose the tram and taps in a tram",
        "ACCEPT OK 0.0000 by DGP-CHAES",
        right("DGP-CHAES", modes=["tram"]),
        tap={"place": TRAM},
    ),
    vector(
        "no mode chosen yet where the holder chooses one",
        "DENY OUT_OF_SCOPE 0.8500",
        right("DGP-CHAES", periods="{[2025-01-01,)}"),
        terms={"DGP-CHAES": {"modes": ["bus", "tram"], "holder_mode": True}},
    ),
    vector(
        "the bus chosen where the holder chooses one",
        "ACCEPT OK 0.0000 by DGP-CHAES",
        right("DGP-CHAES", periods="{[2025-01-01,)}", modes=["bus"]),
        terms={"DGP-CHAES": {"modes": ["bus", "tram"], "holder_mode": True}},
    ),
    vector(
        "another provider",
        "DENY OUT_OF_SCOPE 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"providers": ["RS"]}},
    ),
    vector(
        "a zone of the terms",
        "ACCEPT OK 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"zones": ["A", "B"]}},
        tap={"place": BUS | {"zone": "A"}},
    ),
    vector(
        "a place without zone where a zone is required",
        "DENY OUT_OF_SCOPE 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"zones": ["A"]}},
    ),
    vector(
        "another route",
        "DENY OUT_OF_SCOPE 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"routes": ["12"]}},
        tap={"place": BUS | {"route": "7"}},
    ),
    vector(
        "another place", "DENY OUT_OF_SCOPE 0.8500", right("JLG-NEEDY20"), terms={"JLG-NEEDY20": {"places": ["pool"]}}
    ),
    vector(
        "a product of the terms",
        "DENY OUT_OF_SCOPE 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"products": ["single"]}},
        tap={"product": "season"},
    ),
    vector(
        "weekdays only, on a Sunday",
        "DENY OUT_OF_TIME 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"weekdays": [1, 2, 3, 4, 5]}},
    ),
    vector(
        "inside the window from 09:00",
        "ACCEPT OK 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"windows": [["09:00", "15:00"]]}},
        tap={"at": "2026-05-10T09:00:00+03:00"},
    ),
    vector(
        "at the end of the window it is closed",
        "DENY OUT_OF_TIME 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"windows": [["09:00", "15:00"]]}},
        tap={"at": "2026-05-10T15:00:00+03:00"},
    ),
    vector(
        "Friday's night window includes Saturday 03:00",
        "ACCEPT OK 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"weekdays": [5], "windows": [["22:00", "04:00"]]}},
        tap={"at": "2026-05-09T03:00:00+03:00"},
    ),
    vector(
        "Friday's night window does not include Friday 03:00",
        "DENY OUT_OF_TIME 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"weekdays": [5], "windows": [["22:00", "04:00"]]}},
        tap={"at": "2026-05-08T03:00:00+03:00"},
    ),
    vector(
        "a pupil on 15 July",
        "DENY OUT_OF_TIME 0.8500",
        right("JLG-PUPIL4"),
        terms={"JLG-PUPIL4": {"calendar": "{[2025-09-01,2026-06-01)}", "waiver": "summer_work"}},
        tap={"at": "2026-07-15T12:00:00+03:00"},
    ),
    vector(
        "a pupil with summer work on 15 July",
        "ACCEPT OK 0.0000 by JLG-PUPIL4",
        right("JLG-PUPIL4", flags=["summer_work"]),
        terms={"JLG-PUPIL4": {"calendar": "{[2025-09-01,2026-06-01)}", "waiver": "summer_work"}},
        tap={"at": "2026-07-15T12:00:00+03:00"},
    ),
    vector(
        "4 May: the day's free ride beats one half",
        "ACCEPT OK 0.0000 by LV-GODA-DAYS",
        right("LV-GODA-50", HALF),
        right("LV-GODA-DAYS"),
        terms={"LV-GODA-DAYS": {"dates": ["05-04", "11-11", "11-18"]}},
        tap={"at": "2026-05-04T12:00:00+03:00"},
    ),
    vector(
        "5 May: one half",
        "ACCEPT OK 0.4250 by LV-GODA-50",
        right("LV-GODA-50", HALF),
        right("LV-GODA-DAYS"),
        terms={"LV-GODA-DAYS": {"dates": ["05-04", "11-11", "11-18"]}},
        tap={"at": "2026-05-05T12:00:00+03:00"},
    ),
    vector(
        "a single day of one year",
        "DENY OUT_OF_TIME 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"dates": ["2026-05-05"]}},
        tap={"at": "2027-05-05T12:00:00+03:00"},
    ),
    vector(
        "suspended by an order",
        "DENY ENTITLEMENT_SUSPENDED 0.8500",
        right("JLG-NEEDY20", suspended="{[2026-05-01,2026-05-16)}"),
    ),
    vector(
        "the day after the suspension everything is back",
        "ACCEPT OK 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20", suspended="{[2026-05-01,2026-05-16)}"),
        tap={"at": "2026-05-16T00:00:00+03:00"},
    ),
]
