"""What everybody may use, without a token."""

from tests.terminals.golden.shapes import BUS, MONTHLY, right, vector

VECTORS = [
    vector(
        "everybody rides without a token on New Year's Eve",
        "ACCEPT OK 0.0000 by RIX-ALL-DAYS",
        state="none",
        universal=[right("RIX-ALL-DAYS", periods="{[2025-01-01,)}")],
        terms={"RIX-ALL-DAYS": {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}},
        tap={"at": "2026-12-31T12:00:00+02:00"},
    ),
    vector(
        "everybody rides with all who come along on the first school day",
        "ACCEPT OK 0.0000 by RIX-ALL-DAYS, 2 along",
        state="none",
        universal=[right("RIX-ALL-DAYS", periods="{[2025-01-01,)}")],
        terms={"RIX-ALL-DAYS": {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}},
        tap={"at": "2026-09-01T07:30:00+03:00", "companions": 2},
    ),
    vector(
        "nothing shown on an ordinary day",
        "DENY NO_ENTITLEMENT 0.8500",
        state="none",
        universal=[right("RIX-ALL-DAYS", periods="{[2025-01-01,)}")],
        terms={"RIX-ALL-DAYS": {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}},
        tap={"at": "2026-12-30T12:00:00+02:00"},
    ),
    vector(
        "a companion with nothing shown", "DENY COMPANION_WITHOUT_HOLDER 0.8500", state="none", tap={"companions": 1}
    ),
    vector(
        "a blocked token takes nothing away on a day for everybody",
        "ACCEPT OK 0.0000 by RIX-ALL-DAYS",
        state="blocked",
        universal=[right("RIX-ALL-DAYS", periods="{[2025-01-01,)}")],
        terms={"RIX-ALL-DAYS": {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}},
        tap={"at": "2026-12-31T12:00:00+02:00"},
    ),
    vector(
        "on a day for everybody no quota of one's own is burnt",
        "ACCEPT OK 0.0000 by RIX-ALL-DAYS",
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2025-01-01,)}"),
        universal=[right("RIX-ALL-DAYS", periods="{[2025-01-01,)}")],
        terms={"RIX-ALL-DAYS": {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}},
        tap={"at": "2026-12-31T12:00:00+02:00"},
    ),
    vector(
        "a quota used up is told on ordinary days, not what everybody may use on others",
        "DENY QUOTA_USED 0.8500, 0 left",
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2025-01-01,)}"),
        universal=[right("RIX-ALL-DAYS", periods="{[2025-01-01,)}")],
        terms={"RIX-ALL-DAYS": {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}},
        tap={"at": "2026-12-30T12:00:00+02:00"},
        memory={"used": [("JLG-NEEDY20", "2026-12-01", 20)]},
    ),
    vector(
        "who rides as everybody does has no history at the gate",
        "ACCEPT OK 0.0000 by RIX-ALL-DAYS",
        universal=[right("RIX-ALL-DAYS", periods="{[2025-01-01,)}")],
        terms={"RIX-ALL-DAYS": {"dates": ["12-31", "01-01", "2026-09-01"], "universal": True}},
        tap={"at": "2026-12-31T12:00:00+02:00"},
        last=[("2026-12-31T11:59:30+02:00", BUS)],
        terminal={"pass_back_seconds": 600},
    ),
]
