"""The policy of a provider: what each right is worth at its terminals, where they stand, and how they behave alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import pairwise

from rules.claim import EntitlementClaim
from rules.decision import AllTerms
from rules.errors import OutOfRange, RulesError
from rules.period import EMPTY, Days, Period
from rules.shape import Json, day, each, inside, items, record, text, whole
from rules.tariff import Discount, Quota
from rules.terms import Place, Terms, days
from rules.wire import place_from_json
from terminals.bundle.canonical import canonical, read_canonical
from terminals.bundle.errors import ObjectUnreadable

VERSION = 1
_PLACE = ("mode", "zone", "lat", "lon")
_MOST = 1 << 40


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a concession: in force from `first` up to but not including `until` (None = open).

    `code` is the concession's id (32 hex digits), `grantor` the code of the municipality that gives it, `since` the
    first day from which its terms carry unused uses over.
    """

    code: str
    revision: int
    grantor: str
    first: date
    until: date | None
    discount: Discount
    quota: Quota | None
    terms: Terms
    since: date = date.min

    @property
    def days(self) -> Days:
        """The days on which it is in force."""
        return Days.of(Period(self.first, self.until))

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.first <= on and (self.until is None or on < self.until)

    def claim(
        self, periods: Days, modes: frozenset[str] = frozenset(), flags: frozenset[str] = frozenset()
    ) -> EntitlementClaim:
        """A right to it, ready for a verdict."""
        return EntitlementClaim(
            self.code,
            self.revision,
            self.grantor,
            periods,
            self.discount,
            self.quota,
            self.terms.priority,
            EMPTY,
            modes if self.terms.holder_mode else frozenset(),
            flags,
            self.since,
        )

    def to_json(self) -> Json:
        """{"code", "revision", "grantor", "from", "to", "discount", "quota", "terms", "since"}"""
        return {
            "code": self.code,
            "revision": self.revision,
            "grantor": self.grantor,
            "from": self.first.isoformat(),
            "to": None if self.until is None else self.until.isoformat(),
            "discount": self.discount.to_json(),
            "quota": None if self.quota is None else self.quota.to_json(),
            "terms": self.terms.to_json(),
            "since": None if self.since == date.min else self.since.isoformat(),
        }

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "Revision":
        """What `to_json` writes. Raises Refused."""
        names = ("code", "revision", "grantor", "from", "to", "discount", "quota", "terms", "since")
        node = record(value, place, names)
        quota = node["quota"]
        return cls(
            text(node["code"], inside(place, "code"), 32),
            whole(node["revision"], inside(place, "revision"), 1),
            text(node["grantor"], inside(place, "grantor")),
            day(node["from"], inside(place, "from")),
            _maybe_day(node["to"], inside(place, "to")),
            Discount.from_json(node["discount"], inside(place, "discount")),
            None if quota is None else Quota.from_json(quota, inside(place, "quota")),
            Terms.from_json(node["terms"], inside(place, "terms")),
            _maybe_day(node["since"], inside(place, "since")) or date.min,
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """What a provider's terminals go by. Times in seconds, distances in metres, `online_ms` in milliseconds.

    terminals: the place of each by its machine id; places by code; concessions: their revisions by public tariff code,
    none overlapping; amnesty: days on which blocked tokens of a municipality are still taken. A terminal whose newest
    word from the service is older than `stale_after` says so, one older than `wipe_after` forgets everything. A clock
    may be `clock_behind` late and `clock_ahead` early. One tap in `sample` keeps its text for a later check.
    """

    seq: int
    provider: str
    provider_kind: str
    terminals: Mapping[str, str]
    places: Mapping[str, Place]
    concessions: Mapping[int, tuple[Revision, ...]]
    amnesty: Mapping[str, Days] = field(default_factory=dict)
    stale_after: int = 14_400
    wipe_after: int = 604_800
    expires_soon_days: int = 14
    pass_back_seconds: int = 0
    copy_seconds: int = 120
    copy_metres: int = 500
    clock_behind: int = 600
    clock_ahead: int = 120
    online_ms: int = 400
    sample: int = 100
    terms: AllTerms = field(init=False, compare=False)
    universal: tuple[Revision, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        known = [revision for dated in self.concessions.values() for revision in dated]
        object.__setattr__(self, "terms", {(one.code, one.revision): one.terms for one in known})
        # what everybody may use has nobody to count for, so with a quota it is nobody's
        everybody = tuple(one for one in known if one.terms.universal and one.quota is None)
        object.__setattr__(self, "universal", everybody)

    def revision(self, public_code: int, on: date) -> Revision | None:
        """The revision of a concession that is in force on a day, None where this provider takes none."""
        return next((one for one in self.concessions.get(public_code, ()) if one.holds(on)), None)

    def place(self, code: str) -> Place | None:
        """The provider's place of this code."""
        return self.places.get(code)

    def amnesty_of(self, municipality: str | None) -> Days:
        """The days on which blocked tokens of a municipality are still taken."""
        return EMPTY if municipality is None else self.amnesty.get(municipality, EMPTY)

    def to_json(self) -> Json:
        """The shape that `from_json` reads."""
        places = {code: {key: getattr(place, key) for key in _PLACE} for code, place in self.places.items()}
        concessions = {str(code): [one.to_json() for one in dated] for code, dated in self.concessions.items()}
        return {
            "v": VERSION,
            "seq": self.seq,
            "provider": {"code": self.provider, "kind": self.provider_kind},
            "terminals": dict(self.terminals),
            "places": places,
            "concessions": concessions,
            "amnesty": {municipality: str(on) for municipality, on in self.amnesty.items()},
            **{name: getattr(self, name) for name in LIMITS},
        }

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "Policy":
        """Read the shape that `to_json` writes. Raises Refused."""
        node = record(value, place, ("v", "seq", "provider", "terminals", "places", "concessions", "amnesty", *LIMITS))
        whole(node["v"], inside(place, "v"), VERSION, VERSION)
        at = inside(place, "provider")
        said = record(node["provider"], at, ("code", "kind"))
        code = text(said["code"], inside(at, "code"))
        return cls(
            whole(node["seq"], inside(place, "seq"), 0, _MOST),
            code,
            text(said["kind"], inside(at, "kind")),
            {key: text(item, at) for key, item, at in _members(node["terminals"], inside(place, "terminals"))},
            {key: _place(code, key, item, at) for key, item, at in _members(node["places"], inside(place, "places"))},
            dict(_concession(*member) for member in _members(node["concessions"], inside(place, "concessions"))),
            {key: days(item, at) for key, item, at in _members(node["amnesty"], inside(place, "amnesty"))},
            **{name: whole(node[name], inside(place, name)) for name in LIMITS},
        )

    def encode(self) -> bytes:
        """The payload: `to_json` in its only form."""
        return canonical(self.to_json())

    @classmethod
    def decode(cls, payload: bytes) -> "Policy":
        """What `encode` writes. Raises ObjectUnreadable."""
        node = read_canonical(payload)
        try:
            found = cls.from_json(node)
        except RulesError as refused:
            raise ObjectUnreadable(str(refused)) from None
        if found.encode() != payload:
            raise ObjectUnreadable("not the only form of a policy")
        return found


LIMITS = tuple(one.name for one in fields(Policy) if one.type is int and one.name != "seq")
"""The names of the plain figures of a policy."""


def _members(value: object, place: str) -> Iterable[tuple[str, object, str]]:
    node = record(value, place, (), value if isinstance(value, dict) else ())
    return [(key, item, inside(place, key)) for key, item in node.items()]


def _place(provider: str, code: str, value: object, place: str) -> Place:
    node = record(value, place, _PLACE)
    return place_from_json({"id": code, "provider": provider, **node}, place)


def _concession(public_code: str, value: object, place: str) -> tuple[int, tuple[Revision, ...]]:
    if not public_code.isascii() or not public_code.isdigit() or str(number := int(public_code[:6])) != public_code:
        raise OutOfRange(place, "a public tariff code is expected")
    dated = each(items(value, place), place, Revision.from_json)
    for earlier, later in pairwise(dated):
        if earlier.until is None or later.first < earlier.until:
            raise OutOfRange(place, "revisions overlap or are out of order")
    if any(one.until is not None and one.until <= one.first for one in dated):
        raise OutOfRange(place, "a revision ends before it begins")
    return whole(number, place, 0, 0xFFFF), dated


def _maybe_day(value: object, place: str) -> date | None:
    return None if value is None else day(value, place)
