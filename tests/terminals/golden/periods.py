"""On which days a right holds, told in Riga."""

from tests.terminals.golden.shapes import right, vector

VECTORS = [
    vector("a live free right rides free", "ACCEPT OK 0.0000 by JLG-NEEDY20", right("JLG-NEEDY20")),
    vector("no rights at all", "DENY NO_ENTITLEMENT 0.8500"),
    vector(
        "last minute of the last day in Riga, 23:59 on 31 May",
        "ACCEPT OK_EXPIRES_SOON 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20", periods="{[2026-03-01,2026-06-01)}"),
        tap={"at": "2026-05-31T23:59:00+03:00"},
    ),
    vector(
        "first minute after, 00:01 on 1 June in Riga",
        "DENY NO_ENTITLEMENT 0.8500",
        right("JLG-NEEDY20", periods="{[2026-03-01,2026-06-01)}"),
        tap={"at": "2026-06-01T00:01:00+03:00"},
    ),
    vector(
        "the same minute written in UTC is still 1 June in Riga",
        "DENY NO_ENTITLEMENT 0.8500",
        right("JLG-NEEDY20", periods="{[2026-03-01,2026-06-01)}"),
        tap={"at": "2026-05-31T21:01:00+00:00"},
    ),
    vector(
        "winter time: 21:59 UTC is 23:59 in Riga, still the last day",
        "ACCEPT OK_EXPIRES_SOON 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20", periods="{[2026-01-01,2026-02-01)}"),
        tap={"at": "2026-01-31T21:59:00+00:00"},
    ),
    vector(
        "winter time: 22:00 UTC is midnight in Riga, the day after",
        "DENY NO_ENTITLEMENT 0.8500",
        right("JLG-NEEDY20", periods="{[2026-01-01,2026-02-01)}"),
        tap={"at": "2026-01-31T22:00:00+00:00"},
    ),
    vector(
        "before the right begins",
        "DENY NO_ENTITLEMENT 0.8500",
        right("JLG-NEEDY20", periods="{[2026-03-01,2026-06-01)}"),
        tap={"at": "2026-02-28T12:00:00+02:00"},
    ),
    vector(
        "on the first day",
        "ACCEPT OK 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20", periods="{[2026-03-01,2026-06-01)}"),
        tap={"at": "2026-03-01T00:00:00+02:00"},
    ),
    vector(
        "between two periods",
        "DENY NO_ENTITLEMENT 0.8500",
        right("JLG-NEEDY20", periods="{[2026-01-01,2026-05-01),[2026-06-01,)}"),
    ),
    vector(
        "ends in exactly 14 days",
        "ACCEPT OK_EXPIRES_SOON 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20", periods="{[2026-01-01,2026-05-24)}"),
    ),
    vector(
        "ends in 15 days", "ACCEPT OK 0.0000 by JLG-NEEDY20", right("JLG-NEEDY20", periods="{[2026-01-01,2026-05-25)}")
    ),
]
