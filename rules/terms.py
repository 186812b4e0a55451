"""Usage terms of a concession: when, where, for what and with whom it may be used.

Empty sets mean no limit. Times of day are minutes since local midnight; weekdays are 1 (Monday) to 7 (ISO 8601).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rules.errors import EmptyPeriod, MalformedDays, OutOfRange, ReversedPeriod, WrongType
from rules.period import Days
from rules.shape import Json, each, flag, inside, items, record, text, whole, word, words

_DAY = timedelta(days=1)
_ON = re.compile(r"(\d{4}-)?\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)


class Amber(StrEnum):
    """What a terminal does while its data or clock are in doubt or signed rights have changed."""

    GRANT = "grant"
    GRANT_WITH_ID = "grant_with_id"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Offline:
    """Use without a connection: what doubt does, uses of a token not yet sent (a window), never offline at all."""

    amber: Amber = Amber.GRANT
    cap: int = 2
    online_only: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a terminal stands or rides; coordinates in degrees (WGS 84) where known."""

    id: str
    provider: str
    mode: str | None = None
    zone: str | None = None
    route: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one revision of a concession.

    `windows` may run over midnight: 22:00-04:00 on Friday includes Saturday 03:00. `dates` are yearly (`05-04`) or
    single (`2026-09-01`) days. `waiver` names a flag of a right that lifts the calendar (a pupil with summer work).
    `pass_back_seconds` is the least time between two uses. Of one `exclusive_group` a holder uses one concession at a
    time; a tap always uses a single right, at the same price the one of the smaller `priority`.

    `universal`: for everybody, without a token, and nobody is recorded. `by_sight`: the driver sees the right (a small
    child), so no token is needed, and nothing is recorded unless one is shown. `holder_mode`: the holder chooses one of
    `modes`, and until then none is open.

    When a right is applied for: at most `per_household` persons of one household have it, and it starts on the first
    of the next month if applied for by `cut_off_day`, else a month later; without one, on the day itself.
    """

    weekdays: frozenset[int] = frozenset()
    windows: tuple[tuple[int, int], ...] = ()
    calendar: Days | None = None
    waiver: str | None = None
    dates: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    companions: int = 0
    exclusive_group: str | None = None
    pass_back_seconds: int = 0
    check_photo: bool = False
    offline: Offline = Offline()
    priority: int = 100
    universal: bool = False
    by_sight: bool = False
    holder_mode: bool = False
    per_household: int | None = None
    cut_off_day: int | None = None

    def starts_on(self, applied: date) -> date:
        """The first day of a right that is applied for on this day.

        >>> str(Terms(cut_off_day=27).starts_on(date(2026, 11, 28)))
        '2027-01-01'
        """
        if self.cut_off_day is None:
            return applied
        year, month = divmod(applied.year * 12 + applied.month - 1 + (1 if applied.day <= self.cut_off_day else 2), 12)
        return date(year, month + 1, 1)

    def open_at(self, day: date, minute: int, flags: frozenset[str]) -> bool:
        """May it be used on this local day and minute."""
        if not self.windows:
            return self._open_on(day, flags)
        return any(self._in_window(day, minute, flags, window) for window in self.windows)

    def covers(self, place: Place) -> bool:
        """May it be used at this place."""
        return not (
            (self.modes and place.mode not in self.modes)
            or (self.zones and place.zone not in self.zones)
            or (self.routes and place.route not in self.routes)
            or (self.providers and place.provider not in self.providers)
            or (self.places and place.id not in self.places)
        )

    def _open_on(self, day: date, flags: frozenset[str]) -> bool:
        if self.calendar is None and not self.weekdays and not self.dates:
            return True
        if self.weekdays and day.isoweekday() not in self.weekdays:
            return False
        if self.dates and not {(iso := day.isoformat()), iso[5:]} & self.dates:
            return False
        return self.calendar is None or day in self.calendar or self.waiver in flags

    def _in_window(self, day: date, minute: int, flags: frozenset[str], window: tuple[int, int]) -> bool:
        start, end = window
        if start < end:
            return start <= minute < end and self._open_on(day, flags)
        if minute >= start:
            return self._open_on(day, flags)
        return minute < end and self._open_on(day - _DAY, flags)

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "Terms":
        """Read the shape that `to_json` writes; every key may be left out. Raises Refused."""
        node = record(value, place, (), cls.__slots__)
        fields = {key: _READERS.get(key, words)(item, inside(place, key)) for key, item in node.items()}
        read = cls(**fields)  # type: ignore[arg-type]  # one reader for each key: the types meet in the dataclass fields
        if read.holder_mode and not read.modes:
            raise OutOfRange(inside(place, "holder_mode"), "there are no modes to choose from")
        return read

    def to_json(self) -> Json:
        """Only what differs from no limit, sets sorted: equal terms give equal JSON."""
        blank = Terms()
        changed = ((key, getattr(self, key)) for key in self.__slots__ if getattr(self, key) != getattr(blank, key))
        return {key: _plain(key, value) for key, value in changed}


def days(value: object, place: str) -> Days:
    """A set of days as datemultirange text."""
    try:
        return Days.parse(text(value, place, 20_000))
    except (EmptyPeriod, ReversedPeriod, MalformedDays) as error:
        raise OutOfRange(place, str(error)) from error


def offline(value: object, place: str) -> Offline:
    """{"amber"?, "cap"?, "online_only"?}."""
    node = record(value, place, (), Offline.__slots__)
    return Offline(
        Amber(word(node.get("amber", "grant"), inside(place, "amber"), Amber)),
        whole(node.get("cap", 2), inside(place, "cap"), 0, 1000),
        flag(node.get("online_only", False), inside(place, "online_only")),
    )


def _window(value: object, place: str) -> tuple[int, int]:
    pair = items(value, place)
    if len(pair) != 2:
        raise OutOfRange(place, "two times of day expected")
    start, end = (_minute(item, inside(place, at)) for at, item in enumerate(pair))
    if start == end:
        raise OutOfRange(place, "the window is empty; leave it out for the whole day")
    return start, end


def _minute(value: object, place: str) -> int:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise WrongType(place, "a time such as 07:30 is expected")
    return int(value[:2]) * 60 + int(value[3:])


def _date(value: object, place: str) -> str:
    if not isinstance(value, str) or not _ON.fullmatch(value):
        raise WrongType(place, "a day such as 05-04 or 2026-09-01 is expected")
    try:
        date.fromisoformat(value if len(value) == 10 else f"2000-{value}")
    except ValueError as error:
        raise OutOfRange(place, "no such day in the calendar") from error
    return value


def _plain(key: str, value: object) -> object:
    if isinstance(value, Offline):
        return {"amber": value.amber.value, "cap": value.cap, "online_only": value.online_only}
    if isinstance(value, Days):
        return str(value)
    if key == "windows" and isinstance(value, Iterable):
        return [[f"{minute // 60:02d}:{minute % 60:02d}" for minute in window] for window in value]
    return sorted(value) if isinstance(value, frozenset) else value


def _whole(low: int, high: int) -> Callable[[object, str], int]:
    return lambda value, place: whole(value, place, low, high)


_READERS: Mapping[str, Callable[[object, str], object]] = {
    "weekdays": lambda value, place: frozenset(each(value, place, _whole(1, 7))),
    "windows": lambda value, place: each(value, place, _window),
    "calendar": days,
    "dates": lambda value, place: frozenset(each(value, place, _date)),
    "waiver": text,
    "exclusive_group": text,
    "companions": _whole(0, 10),
    "pass_back_seconds": _whole(0, 86_400),
    "offline": offline,
    "priority": _whole(1, 1000),
    "per_household": _whole(1, 20),
    "cut_off_day": _whole(1, 31),
    **dict.fromkeys(("check_photo", "universal", "by_sight", "holder_mode"), flag),
}
"""How each key is read; those that are not here are sets of words."""
