"""Uses carried over, and allowances of money."""

from tests.terminals.golden.shapes import HALF, right, vector

VECTORS = [
    vector(
        "carried over: 12 left in September and 20 new ones in October",
        "ACCEPT OK 0.0000 by JLG-PENS20, 31 left",
        right("JLG-PENS20", quota={"n": 20, "per": "month", "carry_until": "10-31"}, periods="{[2025-01-01,)}"),
        tap={"at": "2026-10-01T08:00:00+03:00"},
        memory={"used": [("JLG-PENS20", "2025-11-01", 208)]},
    ),
    vector(
        "on 1 November nothing is carried over",
        "ACCEPT OK 0.0000 by JLG-PENS20, 19 left",
        right("JLG-PENS20", quota={"n": 20, "per": "month", "carry_until": "10-31"}, periods="{[2025-01-01,)}"),
        tap={"at": "2026-11-01T08:00:00+02:00"},
        memory={"used": [("JLG-PENS20", "2025-11-01", 208)]},
    ),
    vector(
        "carried over only from the month in which the right begins",
        "DENY QUOTA_USED 0.8500, 0 left",
        right("JLG-PENS20", quota={"n": 20, "per": "month", "carry_until": "10-31"}, periods="{[2026-02-15,)}"),
        tap={"at": "2026-03-01T08:00:00+02:00"},
        memory={"used": [("JLG-PENS20", "2025-11-01", 40)]},
    ),
    vector(
        "months without the right carry nothing over",
        "ACCEPT OK 0.0000 by JLG-PENS20, 0 left",
        right(
            "JLG-PENS20",
            quota={"n": 20, "per": "month", "carry_until": "10-31"},
            periods="{[2025-11-10,2025-12-10),[2026-06-01,)}",
        ),
        tap={"at": "2026-06-01T08:00:00+03:00"},
        memory={"used": [("JLG-PENS20", "2025-11-01", 59)]},
    ),
    vector(
        "carried over only since the terms say so",
        "ACCEPT OK 0.0000 by JLG-PENS20, 0 left",
        right(
            "JLG-PENS20",
            quota={"n": 20, "per": "month", "carry_until": "10-31"},
            periods="{[2025-01-01,)}",
            since="2026-05-15",
        ),
        tap={"at": "2026-06-10T08:00:00+03:00"},
        memory={"used": [("JLG-PENS20", "2025-11-01", 39)]},
    ),
    vector(
        "weeks are carried over too, the one that is cut counts again",
        "ACCEPT OK 0.0000 by JLG-PENS20, 0 left",
        right("JLG-PENS20", quota={"n": 3, "per": "week", "carry_until": "10-31"}, periods="{[2025-01-01,)}"),
        tap={"at": "2026-11-10T08:00:00+02:00"},
        memory={"used": [("JLG-PENS20", "2026-11-01", 8)]},
    ),
    vector(
        "a money allowance pays while it lasts",
        "ACCEPT OK 0.0000 by JLG-MEAL, 191 left",
        right("JLG-MEAL", quota={"amount": "5.00", "per": "month"}, periods="{[2025-01-01,)}"),
        tap={"gross": "3.0900"},
    ),
    vector(
        "the holder pays what a money allowance does not cover",
        "ACCEPT OK 1.1800 by JLG-MEAL, 0 left",
        right("JLG-MEAL", quota={"amount": "5.00", "per": "month"}, periods="{[2025-01-01,)}"),
        tap={"gross": "3.0900"},
        memory={"used": [("JLG-MEAL", "2026-05-01", 30900)]},
    ),
    vector(
        "a money allowance used up",
        "DENY QUOTA_USED 3.0900, 0 left",
        right("JLG-MEAL", quota={"amount": "5.00", "per": "month"}, periods="{[2025-01-01,)}"),
        tap={"gross": "3.0900"},
        memory={"used": [("JLG-MEAL", "2026-05-01", 50000)]},
    ),
    vector(
        "half of a money allowance's price; left are whole cents",
        "ACCEPT OK 0.4250 by JLG-MEAL, 457 left",
        right("JLG-MEAL", HALF, {"amount": "5.00", "per": "month"}, periods="{[2025-01-01,)}"),
    ),
    vector(
        "a money allowance takes along whom it can pay for",
        "ACCEPT OK 0.0000 by JLG-MEAL, 1 along, 100 left",
        right("JLG-MEAL", quota={"amount": "5.00", "per": "month"}, periods="{[2025-01-01,)}"),
        terms={"JLG-MEAL": {"companions": 2}},
        tap={"gross": "2.0000", "companions": 2},
    ),
    vector(
        "a money allowance is never used offline",
        "DENY ONLINE_REQUIRED 0.8500",
        right("JLG-MEAL", quota={"amount": "5.00", "per": "month"}, periods="{[2025-01-01,)}"),
        terminal={"online": False},
    ),
]
