"""A concession and its terms as somebody writes them down, checked before anything is stored."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from amis.concessions.errors import ConcessionInvalid, PeriodReversed
from rules.errors import Refused
from rules.funding import ONE_FUNDER, Funding
from rules.tariff import Discount, Quota, to_cents
from rules.terms import Terms

CODE = re.compile(r"[A-Z][A-Z0-9-]{1,31}", re.ASCII)
LONGEST = 1000
DEAREST = Decimal(10**10)
UNLIMITED = Terms()


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A group of concessions."""

    code: str
    name_lv: str
    name_en: str


@dataclass(frozen=True, slots=True)
class TermsDraft:
    """Terms in force on `[valid_from, valid_to)`, local days; `valid_to` None = until further notice.

    `funding` says who pays the discount where several do; without it the concession's own funder pays all.
    """

    valid_from: date
    valid_to: date | None
    discount: Discount
    quota: Quota | None = None
    terms: Terms = UNLIMITED
    funding: Funding = ONE_FUNDER

    def check(self) -> None:
        """Raises PeriodReversed, ConcessionInvalid: terms that a terminal could not read back are never stored."""
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise PeriodReversed(pointer="/valid_to")
        try:
            Discount.from_json(self.discount.to_json(), "/discount")
            Terms.from_json(self.terms.to_json(), "/terms")
            if self.quota is not None:
                Quota.from_json(self.quota.to_json(), "/quota")
            Funding.from_json(self.funding.to_json(), "/funding")
        except Refused as error:
            raise ConcessionInvalid(str(error), pointer=error.place) from error
        if self.asks_who:
            place = "/terms/holder_mode" if self.quota is None else "/quota"
            raise ConcessionInvalid("nobody is known of those who use what everybody may use", pointer=place)

    @property
    def asks_who(self) -> bool:
        """Whether it is for everybody and yet counts somebody's uses or waits for their choice: then it is nobody's."""
        return self.terms.universal and (self.quota is not None or self.terms.holder_mode)


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a concession beside its terms; `funder` is the code of who pays, `proof` what a holder shows.

    `budget` is what is set aside for it, None where nobody said; `administration_cost` what running it costs. Both are
    euros a year, in whole cents.
    """

    name_lv: str
    name_en: str
    group_code: str
    legal_basis: str
    funder: str
    goal: str = ""
    indicator: str = ""
    budget_line: str = ""
    proof_lv: str = ""
    proof_en: str = ""
    budget: Decimal | None = None
    administration_cost: Decimal = Decimal("0.00")

    def check(self) -> None:
        """Raises ConcessionInvalid, whose pointer names the field."""
        for field in ("name_lv", "name_en", "legal_basis", "funder"):
            if not getattr(self, field).strip():
                raise ConcessionInvalid("is required", pointer=f"/{field}")
        for field in TEXTS:
            if len(getattr(self, field)) > LONGEST:
                raise ConcessionInvalid(f"at most {LONGEST} characters", pointer=f"/{field}")
        for field in ("budget", "administration_cost"):
            if not _payable(getattr(self, field)):
                raise ConcessionInvalid("euros in whole cents", pointer=f"/{field}")


TEXTS = tuple(name for name in Description.__slots__ if name not in {"budget", "administration_cost"})


def _payable(amount: Decimal | None) -> bool:
    return amount is None or (0 <= amount < DEAREST and amount == to_cents(amount))


@dataclass(frozen=True, slots=True)
class ConcessionDraft:
    """A concession to define, with its first terms."""

    code: str
    description: Description
    terms: TermsDraft

    def check(self) -> None:
        """Raises ConcessionInvalid, PeriodReversed."""
        if not CODE.fullmatch(self.code):
            raise ConcessionInvalid("2 to 32 capital letters, digits and hyphens", pointer="/code")
        self.description.check()
        self.terms.check()
