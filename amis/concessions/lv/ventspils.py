"""What Ventspils gave while the lats was money, for its records: nothing of it can be granted any more.

Amounts are euros at the rate that the Council of the European Union fixed (Regulation No. 870/2013): 0.702804 lats.
"""

from datetime import date
from decimal import Decimal

from amis.concessions.drafts import Description, GroupDraft, TermsDraft
from amis.concessions.lv.edition import IN_CITY, SEASON, Classifier, edition, for_product
from rules.tariff import QUANTUM, Discount, DiscountKind

_LATS = Decimal("0.702804")
_RULES = "Ventspils pilsētas domes saistošie noteikumi par braukšanas maksas atvieglojumiem, latu redakcija"
_RETIRED = "Zaudējis spēku līdz ar eiro ieviešanu 2014. gada 1. janvārī"
# the text that is kept has no first day; the last one is the last day of the lats
_DAYS = date(2009, 1, 1), date(2014, 1, 1)

GROUPS = (
    GroupDraft("CHILDREN", "Bērni", "Children"),
    GroupDraft("ORPHANS", "Bāreņi", "Orphans"),
)


def _said(names: tuple[str, str], group: str, proofs: tuple[str, str]) -> Description:
    return Description(
        *names,
        group,
        _RULES,
        "VNT",
        "Bērni un jaunieši pilsētā pārvietojas patstāvīgi",
        "Saņēmēju un braucienu skaits mēnesī",
        "Pašvaldības budžets: sabiedriskais transports",
        *proofs,
    )


EDITIONS = (
    edition(
        "VNT-CHILD47",
        _said(
            ("Bērni no 4 līdz 7 gadu vecumam, 0,05 Ls", "Children from 4 to 7, 0.05 lats"),
            "CHILDREN",
            ("Nekas nav jāuzrāda", "Nothing has to be shown"),
        ),
        TermsDraft(
            *_DAYS, Discount(DiscountKind.FIXED_PRICE, (Decimal("0.05") / _LATS).quantize(QUANTUM)), terms=IN_CITY
        ),
        retired=_RETIRED,
    ),
    edition(
        "VNT-ORPHAN90",
        _said(
            ("Bāreņi: abonementa biļete", "Orphans: season ticket"),
            "ORPHANS",
            ("Sociālo garantiju apliecība", "Certificate of social guarantees"),
        ),
        TermsDraft(*_DAYS, Discount(DiscountKind.PERCENT, Decimal(90)), terms=for_product(IN_CITY, SEASON)),
        retired=_RETIRED,
    ),
)
VENTSPILS = Classifier(GROUPS, EDITIONS)
