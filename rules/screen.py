"""The line a driver reads: the verdict and the price, never why a person has a right."""

from decimal import Decimal

from rules.claim import Decision, Verdict
from rules.tariff import to_cents


def screen(decision: Decision, gross: Decimal, lang: str) -> str:
    """One line in `lang` (lv or en): `OK, -50 %` when taken, the reason and the full price when not."""
    if decision.verdict is Verdict.DENY:
        price = f"{to_cents(gross)} EUR"
        return f"{decision.reason.text(lang)}. " + (f"Pilna cena {price}" if lang == "lv" else f"Full price {price}")
    off = f"OK, -{share_off(decision.payable, gross)} %"
    return off if decision.verdict is Verdict.ACCEPT else f"{off}. {decision.reason.text(lang)}"


def share_off(payable: Decimal, gross: Decimal) -> int:
    """The discount in whole per cent, rounded down so that nothing is promised that is not given."""
    return 100 if not gross else int((gross - payable) * 100 / gross)
