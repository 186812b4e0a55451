"""What a concession costs: discounts with stated rounding; `rules.quota` says how much it may be used.

Amounts are euros with 4 decimals (half up), as half-cents are real: 0.85 at 50 % is 0.4250. Rounding to cents is a
separate, stated step (`to_cents`) for the place that takes the money or writes the invoice.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from rules.errors import OutOfRange
from rules.quota import Per, Quota
from rules.shape import Json, inside, money, record, word

QUANTUM = Decimal("0.0001")
CENT = Decimal("0.01")
ZERO = Decimal("0.0000")
_HUNDRED = Decimal(100)


class DiscountKind(StrEnum):
    """How a discount is expressed."""

    FREE = "free"
    PERCENT = "percent"  # so many per cent off
    AMOUNT_OFF = "amount_off"  # so many euros off
    FIXED_PRICE = "fixed_price"  # the holder's own price; where the full price is lower, that
    CAP = "cap"  # any price up to this as it is, and never more; in money the same as a fixed price, not in words


# Python 3.11 looks an enum member up through a property: names of this module keep that off the hot path
_FREE, _PERCENT, _AMOUNT_OFF = DiscountKind.FREE, DiscountKind.PERCENT, DiscountKind.AMOUNT_OFF


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount; `products` holds other discounts for named products (a season ticket at 40 %)."""

    kind: DiscountKind
    value: Decimal = ZERO
    products: tuple[tuple[str, "Discount"], ...] = ()

    def price(self, gross: Decimal, product: str = "") -> Decimal:
        """What the holder pays of `gross` euros: 0 <= price <= gross, 4 decimals, half up.

        >>> str(Discount(DiscountKind.PERCENT, Decimal(50)).price(Decimal("0.85")))
        '0.4250'
        """
        if self.products:
            return dict(self.products).get(product, Discount(self.kind, self.value)).price(gross)
        if self.kind is _FREE:
            return ZERO
        return min(gross, max(ZERO, self._net(gross))).quantize(QUANTUM, ROUND_HALF_UP)

    def _net(self, gross: Decimal) -> Decimal:
        if self.kind is _PERCENT:
            return gross * (_HUNDRED - self.value) / _HUNDRED
        return gross - self.value if self.kind is _AMOUNT_OFF else self.value

    @classmethod
    def from_json(cls, value: object, place: str = "") -> "Discount":
        """Read {"kind", "value"?, "products"?: {name: discount}}. Raises Refused."""
        node = record(value, place, ("kind",), ("value", "products"))
        at = inside(place, "products")
        raw = node.get("products", {})
        parts = record(raw, at, (), raw if isinstance(raw, dict) else ())
        products = tuple((name, cls.from_json(part, inside(at, name))) for name, part in sorted(parts.items()))
        kind = DiscountKind(word(node["kind"], inside(place, "kind"), DiscountKind))
        return cls(kind, _value(kind, node, place), products)

    def to_json(self) -> Json:
        """The same shape back."""
        out: Json = {"kind": self.kind.value}
        if self.kind is not DiscountKind.FREE:
            out["value"] = str(self.value)
        if self.products:
            out["products"] = {name: part.to_json() for name, part in self.products}
        return out


def _value(kind: DiscountKind, node: Json, place: str) -> Decimal:
    at = inside(place, "value")
    if kind is DiscountKind.FREE:
        if "value" in node:
            raise OutOfRange(at, "a free ride has no value")
        return ZERO
    value = money(node.get("value"), at)
    if kind is DiscountKind.PERCENT and value > _HUNDRED:
        raise OutOfRange(at, "at most 100 per cent")
    return value


def to_cents(amount: Decimal) -> Decimal:
    """Round to whole cents, half up: for a till or the total of an invoice, never for a single use in the ledger.

    >>> str(to_cents(Decimal("0.4250")))
    '0.43'
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


__all__ = ["CENT", "QUANTUM", "ZERO", "Discount", "DiscountKind", "Per", "Quota", "to_cents"]
