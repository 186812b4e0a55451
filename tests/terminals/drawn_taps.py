"""Drawn inputs of a decision in the JSON of `rules.wire`: few days, few words, many collisions at the boundaries."""

from datetime import date, timedelta
from random import Random

from rules.shape import Json

_ANCHORS = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 10, 31)]
DAYS = sorted({anchor + timedelta(days=step) for anchor in _ANCHORS for step in (-1, 0, 1, 2)})
_CLOCKS = ["00:00:00", "00:01:30.5", "03:30:00", "12:00:00", "12:00:29.999999", "12:00:30", "23:59:59.999999"]
_CODES = ["A", "AB", "\uff21", "😀"]
"""The last two are in one order by their code points, and in the other by the units of UTF-16."""
_WINDOWS = ["2026-05-01", "2026-03-01", "2026-06-01", "2026-01-01", "2026-05-31", "2026-05-25", "2025-11-01"]
_PLACES: list[Json] = [
    {"id": "bus-1", "provider": "JAP", "mode": "bus", "zone": "A", "route": "7", "lat": 56.65, "lon": 23.72},
    {"id": "bus-2", "provider": "JAP", "mode": "bus", "lat": 56.6545, "lon": 23.72},
    {"id": "tram-1", "provider": "RS", "mode": "tram", "zone": "B"},
    {"id": "museum", "provider": "VM"},
]


def asked(random: Random) -> Json:
    """A tap, a holder, terms, a memory and a terminal."""
    codes = random.sample(_CODES, random.randrange(5))
    own = [_right(random, code) for code in codes]
    everybody = [_right(random, "U") | {"quota": None}] if random.random() < 0.2 else []
    known = [each for each in (*own, *everybody) if random.random() < 0.95]
    return {
        "tap": _tap(random),
        "holder": {"token_state": _state(random), "entitlements": own, "universal": everybody},
        "terms": [
            {"code": each["code"], "revision": each["revision"], "terms": _terms(random, each["code"] == "U")}
            for each in known
        ],
        "memory": _memory(random),
        "terminal": _terminal(random),
    }


def _state(random: Random) -> str:
    others = ["not_active", "blocked", "blocked", "expired", "rights_changed", "unknown", "none"]
    return random.choice(["active"] * 14 + others)


def _moment(random: Random) -> str:
    return f"{random.choice(DAYS)}T{random.choice(_CLOCKS)}{random.choice(['+02:00', '+03:00', '+00:00', '-05:30'])}"


def _amount(random: Random) -> str:
    return random.choice(["0.85", "1.00", "0", "0.0001", "3.09", "0.8333", f"{random.randrange(200_000) / 10_000:.4f}"])


def _tap(random: Random) -> Json:
    return {
        "at": _moment(random),
        "place": random.choice(_PLACES),
        "product": random.choice(["single", "single", "season"]),
        "gross": _amount(random),
        "companions": random.choice([0, 0, 1, 3]),
        "proof": random.choice(["none", "static", "device", "chip"]),
        "replay_key": random.choice([None, None, "k1", "k2"]),
    }


def _days(random: Random) -> str:
    edges = [str(day) for day in sorted(random.sample(DAYS, random.choice([1, 2, 3, 4])))]
    periods = [f"[{low},{high})" for low, high in zip(edges[::2], [*edges[1::2], ""], strict=False)]
    if random.random() < 0.5:
        periods[0] = f"(,{edges[0]}),[{edges[0]}" + periods[0][11:] if random.random() < 0.5 else f"(,{edges[0]})"
    return "{" + ",".join(periods) + "}"


def _discount(random: Random) -> Json:
    kind = random.choice(["free", "free", "percent", "amount_off", "fixed_price", "cap"])
    if kind == "free":
        return {"kind": kind}
    value = random.choice(["50", "33.33", "100", "0", "12.3456"]) if kind == "percent" else _amount(random)
    found: Json = {"kind": kind, "value": value}
    return found if random.random() < 0.8 else found | {"products": {"season": {"kind": "free"}}}


def _quota(random: Random) -> Json | None:
    what = random.randrange(5)
    if what < 2:
        return None
    per = random.choice(["day", "week", "month", "year", "period"])
    if what == 2:
        return {"amount": random.choice(["0.50", "2.00", "5.0001"]), "per": per}
    if what == 3 or per in ("year", "period"):
        return {"n": random.randrange(1, 4), "per": per}
    until = random.choice(["10-31", "05-31"] if per == "month" else ["10-31", "02-28", "05-30"])
    return {"n": random.randrange(1, 4), "per": per, "carry_until": until}


def _right(random: Random, code: str) -> Json:
    return {
        "code": code,
        "revision": random.choice([1, 2]),
        "grantor": random.choice(["JLG", "LV"]),
        "periods": random.choice(["{[2025-11-15,)}", "{[2025-11-15,)}", _days(random)]),
        "discount": _discount(random),
        "quota": _quota(random),
        "priority": random.choice([1, 2]),
        "suspended": "{}" if random.random() < 0.8 else _days(random),
        "modes": random.choice([[], [], [], ["bus"], ["tram"]]),
        "flags": random.choice([[], ["summer_work"]]),
        "since": random.choice([None, None, "2026-02-10", "2026-05-20"]),
    }


def _terms(random: Random, universal: bool) -> Json:
    everything: Json = {
        "weekdays": random.sample(range(1, 8), 5),
        "windows": random.choice([[["22:00", "04:00"]], [["09:00", "15:00"], ["23:00", "24:00"]]]),
        "calendar": _days(random),
        "waiver": "summer_work",
        "dates": random.choice([["05-31", "03-01"], ["2026-05-31"]]),
        "modes": ["bus"],
        "holder_mode": True,
        "zones": ["A"],
        "routes": ["7"],
        "providers": ["JAP"],
        "places": ["bus-1"],
        "products": ["single"],
        "companions": random.choice([1, 2]),
        "pass_back_seconds": 30,
        "check_photo": True,
        "offline": {"amber": random.choice(["grant", "grant_with_id", "deny"]), "cap": random.randrange(3)},
    }
    chosen = {key: value for key, value in everything.items() if random.random() < 0.13}
    if chosen.pop("holder_mode", False):
        chosen |= {"holder_mode": True, "modes": ["bus", "tram"]}
    return chosen | {"universal": True} if universal else chosen


def _memory(random: Random) -> Json:
    def counters(likely: float) -> list[Json]:
        drawn = [(code, window) for code in _CODES for window in _WINDOWS if random.random() < likely]
        counts = [0, 1, 2, 3, 40, 4_999, 20_000]
        return [{"code": code, "window": window, "count": random.choice(counts)} for code, window in drawn]

    last = [{"at": _moment(random), "place": random.choice(_PLACES)} for _ in range(random.randrange(3))]
    seen = random.choice([[], ["k1"]])
    known = {"used": counters(0.3), "taken": counters(0.1), "unsynced": counters(0.2), "reserved": counters(0.1)}
    return {**known, "last": last, "seen": seen}


def _terminal(random: Random) -> Json:
    return {
        "online": random.random() < 0.5,
        "stale": random.random() < 0.2,
        "clock_doubtful": random.random() < 0.1,
        "amnesty": "{}" if random.random() < 0.7 else _days(random),
        "list_seq": random.choice([None, 7]),
        "expires_soon_days": random.choice([14, 0, 1]),
        "pass_back_seconds": random.choice([0, 0, 0, 600]),
        "copy_seconds": 120,
        "copy_metres": random.choice([500, 400]),
    }
