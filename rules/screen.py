"""The line a driver reads: the verdict and the price, never why a person has a right."""

from decimal import Decimal

from rules.claim import Decision, Verdict
from rules.tariff import to_cents

_FULL_PRICE = {"lv": "Pilna cena", "en": "Full price"}
_HAND_IN = {"lv": "Karte jānodod", "en": "Hand in the card"}


def screen(decision: Decision, gross: Decimal, lang: str, *, hand_in: bool = False) -> str:
    """One line in `lang` (lv or en): `OK, -50 %` when taken, the reason and the full price when not.

    `hand_in`: the token will never work again, so a holder or finder is asked to give it back.
    """
    if decision.verdict is Verdict.DENY:
        reason = f"{decision.reason.text(lang)}. {_HAND_IN[lang]}" if hand_in else decision.reason.text(lang)
        return f"{reason}. {_FULL_PRICE[lang]} {to_cents(gross)} EUR"
    off = f"OK, -{share_off(decision.payable, gross)} %"
    return off if decision.verdict is Verdict.ACCEPT else f"{off}. {decision.reason.text(lang)}"


def share_off(payable: Decimal, gross: Decimal) -> int:
    """The discount in whole per cent, rounded down so that nothing is promised that is not given."""
    return 100 if not gross else int((gross - payable) * 100 / gross)
