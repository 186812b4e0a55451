"""How a journal writes down what it remembers: uses and units set aside, as JSON that is then sealed."""

import json
from datetime import date, datetime
from typing import Any

from rules.claim import Counter
from rules.terms import Place
from terminals.remembered import Reserve, Use


def use_to(use: Use) -> bytes:
    """A use; of its place only what distances need."""
    place = [use.place.id, use.place.lat, use.place.lon]
    content: list[object] = [
        use.who,
        use.at.isoformat(),
        place,
        use.replay,
        _counter_to(use.counter),
        use.units,
        use.reserve,
    ]
    content.append(use.spent)
    return json.dumps(content).encode()


def use_from(content: bytes) -> Use:
    """The use again."""
    who, at, (place, lat, lon), replay, counter, units, reserve, spent = json.loads(content)
    where = Place(place, "", lat=lat, lon=lon)
    return Use(who, datetime.fromisoformat(at), where, replay, _counter_from(counter), units, reserve, spent)


def reserve_to(reserve: Reserve) -> bytes:
    """Units set aside."""
    counter = _counter_to(reserve.counter)
    return json.dumps([reserve.id, reserve.who, counter, reserve.units, reserve.until.isoformat()]).encode()


def reserve_from(content: bytes) -> Reserve:
    """The units set aside again."""
    name, who, (code, window), units, until = json.loads(content)
    return Reserve(name, who, (code, date.fromisoformat(window)), units, datetime.fromisoformat(until))


def _counter_to(counter: Counter | None) -> list[str] | None:
    return None if counter is None else [counter[0], counter[1].isoformat()]


def _counter_from(value: Any) -> Counter | None:
    return None if value is None else (value[0], date.fromisoformat(value[1]))
