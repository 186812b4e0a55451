"""School lunches in Riga at EUR 3.09: the first four grades are paid by the state and the city in equal parts.

Source: binding regulations of Riga on school meals; the state's part by Cabinet of Ministers regulation No. 614
(4 September 2018). A half-cent of each lunch is real: it is rounded on the invoice, never for a single lunch.
"""

from datetime import date
from decimal import Decimal

from amis.concessions.drafts import Description, GroupDraft, TermsDraft
from amis.concessions.lv.edition import LUNCH, WHOLE_PRICE, edition, for_product
from rules.funding import Funding, Part
from rules.terms import Terms

_RULES = "Rīgas domes saistošie noteikumi par skolēnu ēdināšanu"
_DAY = date(2024, 9, 1)
_HALF = Decimal("1.545")
GROUP = GroupDraft("MEALS", "Skolēnu ēdināšana", "School meals")


def _said(names: tuple[str, str]) -> Description:
    return Description(
        *names,
        GROUP.code,
        _RULES,
        "RIX",
        "Katrs skolēns skolā ir paēdis",
        "Apmaksāto pusdienu skaits mēnesī",
        "Pašvaldības budžets: skolēnu ēdināšana",
        "Skolēna apliecība vai e-talons",
        "Pupil's card or e-ticket",
    )


EDITIONS = (
    edition(
        "RIX-MEAL-1-4",
        _said(("Pusdienas 1.–4. klases skolēniem", "Lunch for pupils of grades 1–4")),
        TermsDraft(
            _DAY,
            None,
            WHOLE_PRICE,
            terms=for_product(Terms(), LUNCH),
            funding=Funding((Part("LV", amount=_HALF), Part("RIX", amount=_HALF))),
        ),
    ),
    edition(
        "RIX-MEAL-SOC",
        _said(
            (
                "Pusdienas 5.–12. klases skolēniem ar sociālu statusu",
                "Lunch for pupils of grades 5–12 with a social status",
            )
        ),
        TermsDraft(_DAY, None, WHOLE_PRICE, terms=for_product(Terms(), LUNCH)),
    ),
)
