"""Units set aside for one terminal, or counted in the chip: offline they alone limit their counter."""

from tests.terminals.golden.shapes import MONTHLY, right, vector

_NEEDY = right("JLG-NEEDY20", quota=MONTHLY)
_MAY = ("JLG-NEEDY20", "2026-05-01")
_OFFLINE = {"online": False}

VECTORS = [
    vector(
        "offline with three units set aside, whatever else is counted",
        "ACCEPT OK 0.0000 by JLG-NEEDY20, 2 left",
        _NEEDY,
        memory={"used": [(*_MAY, 20)], "unsynced": [(*_MAY, 9)], "reserved": [(*_MAY, 3)]},
        terminal=_OFFLINE,
    ),
    vector(
        "offline with no unit left of those set aside",
        "DENY QUOTA_USED 0.8500, 0 left",
        _NEEDY,
        memory={"reserved": [(*_MAY, 0)]},
        terminal=_OFFLINE,
    ),
    vector(
        "online the service's own count holds",
        "DENY QUOTA_USED 0.8500, 0 left",
        _NEEDY,
        memory={"used": [(*_MAY, 20)], "reserved": [(*_MAY, 3)]},
    ),
    vector(
        "units set aside for another month change nothing",
        "DENY ONLINE_REQUIRED 0.8500",
        _NEEDY,
        memory={"unsynced": [(*_MAY, 2)], "reserved": [("JLG-NEEDY20", "2026-04-01", 3)]},
        terminal=_OFFLINE,
    ),
    vector(
        "units set aside for another concession change nothing",
        "DENY ONLINE_REQUIRED 0.8500",
        _NEEDY,
        memory={"unsynced": [(*_MAY, 2)], "reserved": [("JLG-ORPHAN5", "2026-05-01", 3)]},
        terminal=_OFFLINE,
    ),
    vector(
        "never offline stays never offline with units set aside",
        "DENY ONLINE_REQUIRED 0.8500",
        _NEEDY,
        terms={"JLG-NEEDY20": {"offline": {"online_only": True}}},
        memory={"reserved": [(*_MAY, 3)]},
        terminal=_OFFLINE,
    ),
    vector(
        "money set aside is still never used offline",
        "DENY ONLINE_REQUIRED 0.8500",
        right("JLG-MEAL", quota={"amount": "5.00", "per": "month"}),
        memory={"reserved": [("JLG-MEAL", "2026-05-01", 30_000)]},
        terminal=_OFFLINE,
    ),
]
