"""What the modules of this folder are written in: a concession with all its revisions, and the words they share."""

from dataclasses import dataclass, replace
from decimal import Decimal

from amis.concessions.cards import CardDraft
from amis.concessions.drafts import ConcessionDraft, Description, GroupDraft, TermsDraft
from amis.concessions.scope import CITY, REGIONAL_INTERCITY, REGIONAL_LOCAL
from rules.tariff import Discount, DiscountKind
from rules.terms import Terms

WHOLE_PRICE = Discount(DiscountKind.PERCENT, Decimal(100))
HALF_PRICE = Discount(DiscountKind.PERCENT, Decimal(50))
FREE = Discount(DiscountKind.FREE)
IN_CITY = Terms(zones=frozenset({CITY}))
REGIONAL = Terms(zones=frozenset({REGIONAL_INTERCITY, REGIONAL_LOCAL}))
EVERYWHERE = Terms(zones=frozenset({CITY, REGIONAL_INTERCITY, REGIONAL_LOCAL}))
SINGLE, SEASON, LUNCH, REFUND = "single", "season", "school_lunch", "fare_refund"


@dataclass(frozen=True, slots=True)
class Edition:
    """A concession with its first terms and the later ones; `retired` says why it is given no more."""

    draft: ConcessionDraft
    later: tuple[TermsDraft, ...] = ()
    retired: str = ""


@dataclass(frozen=True, slots=True)
class Classifier:
    """All that one grantor gives."""

    groups: tuple[GroupDraft, ...]
    editions: tuple[Edition, ...]
    cards: tuple[CardDraft, ...] = ()


def edition(code: str, said: Description, *terms: TermsDraft, retired: str = "") -> Edition:
    """A concession with its revisions in the order of their days."""
    return Edition(ConcessionDraft(code, said, terms[0]), terms[1:], retired)


def for_product(terms: Terms, *products: str) -> Terms:
    """The same terms, for these products alone."""
    return replace(terms, products=frozenset(products))
