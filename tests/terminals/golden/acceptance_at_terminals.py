"""Acceptance cases T33 to T38 as far as one tap with its memory can say them: tokens, doubles, terminals alone."""

from tests.terminals.golden.shapes import BUS, Json, right, vector

_RIGHT = right("LV-DIS-1-2")
_HERE: Json = BUS | {"lat": 56.652, "lon": 23.721}
_FAR: Json = {"id": "bus-2", "provider": "JAP", "mode": "bus", "lat": 56.661, "lon": 23.721}
_OTHER: Json = {"id": "bus-2", "provider": "JAP", "mode": "bus"}
_MAY: Json = {"amnesty": "{[2026-05-01,2026-06-01)}"}
_BEFORE = "2026-05-10T12:00:00+03:00"
_GATE: dict[str, Json] = {"LV-DIS-1-2": {"pass_back_seconds": 30}}
_DENIES: dict[str, Json] = {"LV-DIS-1-2": {"offline": {"amber": "deny"}}}
_WITH_ID: dict[str, Json] = {"LV-DIS-1-2": {"offline": {"amber": "grant_with_id"}}}

VECTORS = [
    vector(
        "T33: a replaced card that was found again", "DENY TOKEN_BLOCKED 0.8500", _RIGHT, state="blocked", case="T33"
    ),
    vector(
        "T34: a cancelled card in the amnesty month",
        "ACCEPT_WARN OK_AMNESTY 0.0000 by LV-DIS-1-2",
        _RIGHT,
        state="blocked",
        terminal=_MAY,
        case="T34",
    ),
    vector(
        "T34: the same offline",
        "ACCEPT_WARN OK_AMNESTY 0.0000 by LV-DIS-1-2",
        _RIGHT,
        state="blocked",
        terminal={**_MAY, "online": False},
        case="T34",
    ),
    vector(
        "T34: when the month is over",
        "DENY TOKEN_BLOCKED 0.8500",
        _RIGHT,
        state="blocked",
        tap={"at": "2026-06-01T00:00:00+03:00"},
        terminal=_MAY,
        case="T34",
    ),
    vector(
        "T35: another bus after 29 seconds",
        "DENY PASSBACK 0.8500",
        _RIGHT,
        terms=_GATE,
        tap={"at": "2026-05-10T12:00:29.999999+03:00"},
        last=[(_BEFORE, _OTHER)],
        case="T35",
    ),
    vector(
        "T35: another bus after 30 seconds",
        "ACCEPT OK 0.0000 by LV-DIS-1-2",
        _RIGHT,
        terms=_GATE,
        tap={"at": "2026-05-10T12:00:30+03:00"},
        last=[(_BEFORE, _OTHER)],
        case="T35",
    ),
    vector(
        "T35: a gate with a window of its own",
        "DENY PASSBACK 0.8500",
        _RIGHT,
        tap={"at": "2026-05-10T12:00:59+03:00"},
        last=[(_BEFORE, BUS)],
        terminal={"pass_back_seconds": 60},
        case="T35",
    ),
    vector(
        "T36: a picture 1 km away a minute ago",
        "ACCEPT OK 0.0000 by LV-DIS-1-2, photo",
        _RIGHT,
        tap={"at": "2026-05-10T12:01:00+03:00", "place": _HERE, "proof": "static"},
        last=[(_BEFORE, _FAR)],
        case="T36",
    ),
    vector(
        "T36: a phone 1 km away a minute ago",
        "ACCEPT OK 0.0000 by LV-DIS-1-2",
        _RIGHT,
        tap={"at": "2026-05-10T12:01:00+03:00", "place": _HERE, "proof": "device"},
        last=[(_BEFORE, _FAR)],
        case="T36",
    ),
    vector(
        "T37: a phone's code shown again",
        "DENY REPLAY 0.8500",
        _RIGHT,
        tap={"proof": "device", "replay_key": "0a1b2c3d 131072 1778403600"},
        seen=["0a1b2c3d 131072 1778403600"],
        case="T37",
    ),
    vector(
        "T37: the code that follows",
        "ACCEPT OK 0.0000 by LV-DIS-1-2",
        _RIGHT,
        tap={"proof": "device", "replay_key": "0a1b2c3d 131072 1778403615"},
        seen=["0a1b2c3d 131072 1778403600"],
        case="T37",
    ),
    *(
        vector(
            f"T38: {policy}",
            says,
            _RIGHT,
            terms=terms,
            terminal={"online": False, "stale": True, "list_seq": 7},
            case="T38",
        )
        for policy, terms, says in (
            (
                "six hours without word, the block has not come",
                {},
                "ACCEPT_WARN TERMINAL_STALE 0.0000 by LV-DIS-1-2, list 7",
            ),
            (
                "the same, the holder is looked at",
                _WITH_ID,
                "ACCEPT_WARN TERMINAL_STALE 0.0000 by LV-DIS-1-2, photo, list 7",
            ),
            ("the same, the policy denies", _DENIES, "DENY TERMINAL_STALE 0.8500, list 7"),
        )
    ),
    vector(
        "T38: the block has come",
        "DENY TOKEN_BLOCKED 0.8500, list 8",
        _RIGHT,
        state="blocked",
        terminal={"online": False, "list_seq": 8},
        case="T38",
    ),
]
