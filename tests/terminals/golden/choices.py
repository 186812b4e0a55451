"""Which right is used, whom it takes along, and which refusal is told."""

from tests.terminals.golden.shapes import HALF, MONTHLY, right, vector

VECTORS = [
    vector(
        "no quota is burnt when a free unlimited right applies",
        "ACCEPT OK 0.0000 by LV-DIS-1-2",
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2026-03-01,2026-07-01)}", priority=1),
        right("LV-DIS-1-2"),
    ),
    vector(
        "the lower price wins over the priority",
        "ACCEPT OK 0.0000 by B",
        right("A", HALF, priority=1),
        right("B", priority=9),
    ),
    vector(
        "same price: the lower priority number wins",
        "ACCEPT OK 0.0000 by B",
        right("A", priority=9),
        right("B", priority=1),
    ),
    vector(
        "same price and priority: the earlier end is used first",
        "ACCEPT OK 0.0000 by B",
        right("A"),
        right("B", periods="{[2026-01-01,2026-09-01)}"),
    ),
    vector("all the same: the code decides", "ACCEPT OK 0.0000 by A", right("B"), right("A")),
    vector(
        "of two refusals the one nearer to yes is told",
        "DENY QUOTA_USED 0.8500, 0 left",
        right("OLD", periods="{[2020-01-01,2021-01-01)}"),
        right("JLG-NEEDY20", quota=MONTHLY, periods="{[2026-03-01,2026-07-01)}"),
        memory={"used": [("JLG-NEEDY20", "2026-05-01", 20)]},
    ),
    vector(
        "group I with a companion",
        "ACCEPT OK 0.0000 by LV-DIS-1, 1 along",
        right("LV-DIS-1"),
        terms={"LV-DIS-1": {"companions": 1}},
        tap={"companions": 1},
    ),
    vector(
        "group I with two companions: one goes along",
        "ACCEPT OK 0.0000 by LV-DIS-1, 1 along",
        right("LV-DIS-1"),
        terms={"LV-DIS-1": {"companions": 1}},
        tap={"companions": 2},
    ),
    vector(
        "group II with a companion: the companion pays",
        "ACCEPT OK 0.0000 by LV-DIS-2",
        right("LV-DIS-2"),
        tap={"companions": 1},
    ),
    vector(
        "a right that takes the companion along is preferred",
        "ACCEPT OK 0.0000 by LV-DIS-1, 1 along",
        right("AAA"),
        right("LV-DIS-1"),
        terms={"LV-DIS-1": {"companions": 1}},
        tap={"companions": 1},
    ),
    vector(
        "a companion without a holder who has a right", "DENY COMPANION_WITHOUT_HOLDER 0.8500", tap={"companions": 1}
    ),
]
