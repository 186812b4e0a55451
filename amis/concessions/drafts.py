"""A concession and its terms as somebody writes them down, checked before anything is stored."""

import re
from dataclasses import dataclass
from datetime import date

from amis.concessions.errors import ConcessionInvalid, PeriodReversed
from rules.errors import Refused
from rules.tariff import Discount, Quota
from rules.terms import Terms

CODE = re.compile(r"[A-Z][A-Z0-9-]{1,31}", re.ASCII)
LONGEST = 1000
UNLIMITED = Terms()


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A group of concessions."""

    code: str
    name_lv: str
    name_en: str


@dataclass(frozen=True, slots=True)
class TermsDraft:
    """Terms in force on `[valid_from, valid_to)`, local days; `valid_to` None = until further notice."""

    valid_from: date
    valid_to: date | None
    discount: Discount
    quota: Quota | None = None
    terms: Terms = UNLIMITED

    def check(self) -> None:
        """Raises PeriodReversed, ConcessionInvalid: terms that a terminal could not read back are never stored."""
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise PeriodReversed(pointer="/valid_to")
        try:
            Discount.from_json(self.discount.to_json(), "/discount")
            Terms.from_json(self.terms.to_json(), "/terms")
            if self.quota is not None:
                Quota.from_json(self.quota.to_json(), "/quota")
        except Refused as error:
            raise ConcessionInvalid(str(error), pointer=error.place) from error


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a concession beside its terms; `funder` is the code of who pays, `proof` what a holder shows."""

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

    def check(self) -> None:
        """Raises ConcessionInvalid, whose pointer names the field."""
        for field in ("name_lv", "name_en", "legal_basis", "funder"):
            if not getattr(self, field).strip():
                raise ConcessionInvalid("is required", pointer=f"/{field}")
        for field in self.__slots__:
            if len(getattr(self, field)) > LONGEST:
                raise ConcessionInvalid(f"at most {LONGEST} characters", pointer=f"/{field}")


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
