"""What happened a moment ago: pass-back, replay, a copied picture."""

from tests.terminals.golden.shapes import BUS, right, vector

VECTORS = [
    vector(
        "the same card in another bus after 29 seconds",
        "DENY PASSBACK 0.8500",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"pass_back_seconds": 30}},
        last=[("2026-05-10T11:59:31+03:00", BUS | {"id": "bus-2"})],
    ),
    vector(
        "the same card after 30 seconds",
        "ACCEPT OK 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"pass_back_seconds": 30}},
        last=[("2026-05-10T11:59:30+03:00", BUS | {"id": "bus-2"})],
    ),
    vector(
        "a gate with its own pass-back time",
        "DENY PASSBACK 0.8500",
        right("JLG-NEEDY20"),
        last=[("2026-05-10T11:55:00+03:00", BUS)],
        terminal={"pass_back_seconds": 600},
    ),
    vector(
        "a presentation seen before",
        "DENY REPLAY 0.8500",
        right("JLG-NEEDY20"),
        tap={"proof": "device", "replay_key": "k1"},
        seen=["k1"],
    ),
    vector(
        "another presentation of the same device",
        "ACCEPT OK 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20"),
        tap={"proof": "device", "replay_key": "k2"},
        seen=["k1"],
    ),
    vector(
        "a picture shown 1 km away a minute ago asks for the photo",
        "ACCEPT OK 0.0000 by JLG-NEEDY20, photo",
        right("JLG-NEEDY20"),
        tap={"place": BUS | {"lat": 56.652, "lon": 23.721}, "proof": "static"},
        last=[("2026-05-10T11:59:00+03:00", BUS | {"id": "bus-2", "lat": 56.661, "lon": 23.721})],
    ),
    vector(
        "a chip shown 1 km away a minute ago does not",
        "ACCEPT OK 0.0000 by JLG-NEEDY20",
        right("JLG-NEEDY20"),
        tap={"place": BUS | {"lat": 56.652, "lon": 23.721}, "proof": "chip"},
        last=[("2026-05-10T11:59:00+03:00", BUS | {"id": "bus-2", "lat": 56.661, "lon": 23.721})],
    ),
    vector(
        "a concession with photo check; the list number is told",
        "ACCEPT OK 0.0000 by JLG-NEEDY20, photo, list 41",
        right("JLG-NEEDY20"),
        terms={"JLG-NEEDY20": {"check_photo": True}},
        terminal={"list_seq": 41},
    ),
]
