"""Who pays the discount of a use: one funder, or several who share it to the hundredth of a cent.

Nothing is rounded to cents here: half-cents add up in the ledger, and `rules.tariff.to_cents` rounds the total of
an invoice.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rules.errors import OutOfRange
from rules.shape import Json, each, inside, money, record, text
from rules.tariff import QUANTUM, ZERO

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Part:
    """What one funder pays of a use: `share` per cent of the discount, or `amount` euros; one of the two is set."""

    funder: str
    share: Decimal | None = None
    amount: Decimal | None = None

    def of(self, discount: Decimal) -> Decimal:
        """Its part of a discount in euros, with 4 decimals, half up."""
        part = self.amount if self.share is None else discount * self.share / _HUNDRED
        return ZERO if part is None else part.quantize(QUANTUM, ROUND_HALF_UP)

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "Part":
        """Read {"funder", "share"} or {"funder", "amount"}. Raises Refused."""
        kind = "amount" if isinstance(value, dict) and "amount" in value else "share"
        node = record(value, place, ("funder", kind))
        at = inside(place, kind)
        figure = money(node[kind], at)
        if not figure or (kind == "share" and figure > _HUNDRED):
            raise OutOfRange(at, "more than nothing, and at most 100 per cent, is expected")
        funder = text(node["funder"], inside(place, "funder"))
        return cls(funder, amount=figure) if kind == "amount" else cls(funder, figure)

    def to_json(self) -> Json:
        """The same shape back."""
        figure: Json = {"share": str(self.share)} if self.amount is None else {"amount": str(self.amount)}
        return {"funder": self.funder} | figure


@dataclass(frozen=True, slots=True)
class Funding:
    """The funders of a concession in the order in which they pay; without parts its own funder pays all."""

    parts: tuple[Part, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parts)

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "Funding":
        """Read [{"funder", "share" | "amount"}]. Raises Refused, also where shares alone do not make up the whole."""
        parts = each(value, place, Part.from_json)
        if len({part.funder for part in parts}) < len(parts):
            raise OutOfRange(place, "a funder is named twice")
        shares = sum(part.share or ZERO for part in parts)
        if shares > _HUNDRED or (parts and shares != _HUNDRED and all(part.share for part in parts)):
            raise OutOfRange(place, "the shares make up 100 per cent")
        return cls(parts)

    def to_json(self) -> list[Json]:
        """The same shape back."""
        return [part.to_json() for part in self.parts]


ONE_FUNDER = Funding()


def split(discount: Decimal, funding: Funding, funder: str) -> tuple[tuple[str, Decimal], ...]:
    """Who pays how much of a discount of `discount` euros (4 decimals); `funder` pays where `funding` has no parts.

    Each funder in turn pays its part, never more than is left; the last pays all that is left. The parts are never
    negative and add up to the discount exactly.

    >>> split(Decimal("3.09"), Funding((Part("LV", amount=Decimal("1.545")), Part("RIX", Decimal(100)))), "RIX")
    (('LV', Decimal('1.5450')), ('RIX', Decimal('1.5450')))
    """
    if not funding.parts:
        return ((funder, discount),)
    paid, left = [], discount
    for part in funding.parts[:-1]:
        paid.append((part.funder, part_paid := min(part.of(discount), left)))
        left -= part_paid
    return (*paid, (funding.parts[-1].funder, left))
