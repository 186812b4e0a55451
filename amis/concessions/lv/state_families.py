"""What the state gives to holders of the certificate "Goda ģimene", the best of it for each product and day.

Source: Cabinet of Ministers regulation No. 414 (22 June 2021) as amended by No. 182 (19 March 2024).
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from amis.concessions.drafts import Description, TermsDraft
from amis.concessions.lv.edition import (
    HALF_PRICE,
    REGIONAL,
    SEASON,
    SINGLE,
    WHOLE_PRICE,
    Edition,
    edition,
    for_product,
)
from rules.tariff import Discount, DiscountKind
from rules.terms import Terms

_MK414 = (
    "Ministru kabineta 2021. gada 22. jūnija noteikumi Nr. 414, grozīti ar 2024. gada 19. marta noteikumiem Nr. 182"
)
_MK414_DAY = date(2021, 6, 22)
_NATIONAL_DAYS = frozenset({"05-04", "11-11", "11-18"})


def _goda(code: str, names: tuple[str, str], discount: Discount, terms: Terms, priority: int) -> Edition:
    said = Description(
        *names,
        "FAMILIES",
        _MK414,
        "LV",
        "Daudzbērnu ģimenes un ģimenes, kurās ir bērns ar invaliditāti, brauc kopā un bieži",
        "Saņēmēju un braucienu skaits mēnesī",
        "Valsts budžeta dotācija sabiedriskajam transportam",
        "Latvijas Goda ģimenes apliecība",
        "The certificate “Latvijas Goda ģimene”",
    )
    terms = replace(terms, exclusive_group="goda", priority=priority)
    return edition(code, said, TermsDraft(_MK414_DAY, None, discount, terms=terms))


EDITIONS = (
    _goda(
        "LV-GODA-DAYS",
        (
            "Goda ģimenes apliecības turētāji 4. maijā, 11. un 18. novembrī",
            "Holders of the certificate “Goda ģimene” on 4 May, 11 and 18 November",
        ),
        WHOLE_PRICE,
        replace(REGIONAL, dates=_NATIONAL_DAYS),
        10,
    ),
    _goda(
        "LV-GODA-STUD",
        (
            "Goda ģimenes apliecības turētāji, kuri mācās: vienreizēja biļete",
            "Holders of the certificate “Goda ģimene” who study: single ticket",
        ),
        Discount(DiscountKind.PERCENT, Decimal(90)),
        for_product(REGIONAL, SINGLE),
        20,
    ),
    _goda(
        "LV-GODA-50",
        (
            "Goda ģimenes apliecības turētāji: vienreizēja biļete",
            "Holders of the certificate “Goda ģimene”: single ticket",
        ),
        HALF_PRICE,
        for_product(REGIONAL, SINGLE),
        30,
    ),
    _goda(
        "LV-GODA-40",
        (
            "Goda ģimenes apliecības turētāji: abonementa biļete",
            "Holders of the certificate “Goda ģimene”: season ticket",
        ),
        Discount(DiscountKind.PERCENT, Decimal(40)),
        for_product(REGIONAL, SEASON),
        40,
    ),
)
