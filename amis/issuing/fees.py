"""What a card costs, and why it may cost nothing."""

from decimal import Decimal
from typing import NamedTuple

from amis.concessions.models import CardProduct
from amis.issuing.errors import PoliceReferenceInvalid
from amis.issuing.reasons import WAIVED_BY_HAND, RequestReason, Waiver, of_list

_LONGEST_REFERENCE = 60
_REPLACEMENT = frozenset({RequestReason.LOST, RequestReason.STOLEN, RequestReason.DAMAGED})


class Fee(NamedTuple):
    """Euros to pay; `waiver` says why there are none, empty where nothing was waived."""

    amount: Decimal
    waiver: str


def fee_of(
    product: CardProduct, reason: RequestReason, waiver: str, reference: str, *, campaign: bool, never_came: bool
) -> Fee:
    """What a card costs: a lost, stolen or damaged one the replacement fee, any other the first fee.

    The number of a police report waives the fee of a stolen card; in a campaign the office renews for nothing; what
    got lost before its holder had it is not the holder's to pay.

    Raises:
        ReasonUnknown: no such waiver is chosen by hand.
    """
    full = product.replacement_fee if reason in _REPLACEMENT else product.first_fee
    if campaign:
        chosen = Waiver.CAMPAIGN.value
    elif never_came:
        chosen = Waiver.NOT_RECEIVED.value
    elif reference:
        chosen = Waiver.POLICE_REPORT.value
    else:
        chosen = of_list(waiver, WAIVED_BY_HAND, "waiver") if waiver else ""
    return Fee(Decimal(0) if chosen else full, chosen if full else "")


def police_reference(typed: str, reason: RequestReason) -> str:
    """The number of a police report, tidied; only a stolen card has one.

    Raises:
        PoliceReferenceInvalid
    """
    tidy = " ".join(typed.split())
    if tidy and (reason is not RequestReason.STOLEN or len(tidy) > _LONGEST_REFERENCE or not tidy.isprintable()):
        raise PoliceReferenceInvalid(pointer="/police_reference")
    return tidy
