"""Quotas: uses and money, in windows of days."""

from tests.terminals.golden.shapes import HALF, MONTHLY, right, vector

VECTORS = [
    vector(
        "20th ride of the month",
        "ACCEPT OK 0.0000 by JLG-NEEDY20, 0 left",
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2026-03-01,2026-07-01)}"),
        memory={"used": [("JLG-NEEDY20", "2026-05-01", 19)]},
    ),
    vector(
        "21st ride of the month pays the full price",
        "DENY QUOTA_USED 0.8500, 0 left",
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2026-03-01,2026-07-01)}"),
        memory={"used": [("JLG-NEEDY20", "2026-05-01", 20)]},
    ),
    vector(
        "last month's rides do not count",
        "ACCEPT OK 0.0000 by JLG-NEEDY20, 19 left",
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2026-03-01,2026-07-01)}"),
        memory={"used": [("JLG-NEEDY20", "2026-04-01", 20)]},
    ),
    vector(
        "rides taken earlier in the batch count",
        "DENY QUOTA_USED 0.8500, 0 left",
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2026-03-01,2026-07-01)}"),
        memory={"used": [("JLG-NEEDY20", "2026-05-01", 18)], "taken": [("JLG-NEEDY20", "2026-05-01", 2)]},
    ),
    vector(
        "a lost race for the last ride",
        "DENY QUOTA_USED 0.8500, 0 left",
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2026-03-01,2026-07-01)}"),
        memory={"used": [("JLG-NEEDY20", "2026-05-01", 19)], "taken": [("JLG-NEEDY20", "2026-05-01", 1000000)]},
    ),
    vector(
        "half a price with 4 decimals",
        "ACCEPT OK 0.4250 by JLG-PENS2018, 19 left",
        right("JLG-PENS2018", HALF, MONTHLY),
    ),
    vector(
        "fifth ride of the day",
        "ACCEPT OK 0.0000 by JLG-ORPHAN5, 0 left",
        right("JLG-ORPHAN5", quota={"n": 5, "per": "day"}),
        memory={"used": [("JLG-ORPHAN5", "2026-05-10", 4)]},
    ),
    vector(
        "sixth ride of the day",
        "DENY QUOTA_USED 0.8500, 0 left",
        right("JLG-ORPHAN5", quota={"n": 5, "per": "day"}),
        memory={"used": [("JLG-ORPHAN5", "2026-05-10", 5)]},
    ),
    vector(
        "after midnight in Riga the day's quota is new",
        "ACCEPT OK 0.0000 by JLG-ORPHAN5, 4 left",
        right("JLG-ORPHAN5", quota={"n": 5, "per": "day"}),
        tap={"at": "2026-05-10T21:00:00+00:00"},
        memory={"used": [("JLG-ORPHAN5", "2026-05-10", 5)]},
    ),
    vector(
        "a week's quota starts on Monday",
        "ACCEPT OK 0.0000 by RIX-W, 1 left",
        right("RIX-W", quota={"n": 3, "per": "week"}),
        memory={"used": [("RIX-W", "2026-05-04", 1)]},
    ),
    vector(
        "a year's quota",
        "DENY QUOTA_USED 0.8500, 0 left",
        right("RIX-Y", quota={"n": 3, "per": "year"}),
        memory={"used": [("RIX-Y", "2026-01-01", 3)]},
    ),
    vector(
        "a quota for the whole period",
        "ACCEPT OK 0.0000 by RIX-P, 0 left",
        right("RIX-P", quota={"n": 2, "per": "period"}, periods="{[2026-03-15,2026-09-01)}"),
        memory={"used": [("RIX-P", "2026-03-15", 1)]},
    ),
]
