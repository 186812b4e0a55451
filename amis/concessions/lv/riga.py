"""What Riga gives in its transport.

Source: binding regulations No. 89 of Riga on fare concessions, as listed in June 2020 and amended on 18 December 2025.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from amis.concessions.cards import CardDraft
from amis.concessions.drafts import Description, GroupDraft, TermsDraft
from amis.concessions.lv.calendars import FIRST_SCHOOL_DAYS
from amis.concessions.lv.edition import HALF_PRICE, IN_CITY, WHOLE_PRICE, Classifier, Edition, edition
from amis.concessions.lv.riga_meals import EDITIONS as MEALS
from amis.concessions.lv.riga_meals import GROUP as MEAL_GROUP
from rules.tariff import Discount
from rules.terms import Terms

_RULES89 = (
    "Rīgas domes saistošie noteikumi Nr. 89 par braukšanas maksas atvieglojumiem, grozīti 2025. gada 18. decembrī"
)
# the list of June 2020 restored what had been in force before the spring of that year
_DAY = date(2020, 1, 1)
# the law on support for Ukrainian civilians came into force on this day
_UKRAINE_DAY = date(2022, 3, 5)
_NEW_YEAR = frozenset({"12-31", "01-01"})
_ALL_DAYS = _NEW_YEAR | frozenset(day.isoformat() for day in FIRST_SCHOOL_DAYS)
_GOALS: Mapping[str, str] = {
    "PENSIONERS": "Seniori var aizbraukt pie ārsta, uz veikalu un ciemos",
    "PUPILS": "Ceļš uz skolu un augstskolu ir pa spēkam katrai ģimenei",
    "DISABILITY": "Pilsētas transports ir pieejams personām ar invaliditāti",
    "FAMILIES": "Daudzbērnu ģimenes var atļauties ikdienas braucienus",
    "MERIT": "Pilsēta atzīst tos, kuri riskēja ar dzīvību un veselību",
    "WORKERS": "Sociālie darbinieki apmeklē klientus bez personīgiem izdevumiem",
    "UKRAINE": "Ukrainas civiliedzīvotāji var nokļūt darbā, skolā un iestādēs",
    "EVERYBODY": "Svētkos un skolas pirmajā dienā automašīna paliek mājās",
}

GROUPS = (
    GroupDraft("PENSIONERS", "Pensionāri", "Pensioners"),
    GroupDraft("PUPILS", "Skolēni un studenti", "Pupils and students"),
    GroupDraft("DISABILITY", "Personas ar invaliditāti", "Persons with disabilities"),
    GroupDraft("FAMILIES", "Daudzbērnu ģimenes", "Large families"),
    GroupDraft("MERIT", "Pretošanās un Černobiļas dalībnieki", "Participants of the resistance and of Chornobyl"),
    GroupDraft("WORKERS", "Sociālās jomas darbinieki", "Staff of social services"),
    GroupDraft("UKRAINE", "Ukrainas civiliedzīvotāji", "Ukrainian civilians"),
    GroupDraft("EVERYBODY", "Visi braucēji", "Everybody"),
    MEAL_GROUP,
)


def _said(names: tuple[str, str], group: str) -> Description:
    proofs = "Rīdzinieka karte vai e-talons", "Riga resident's card or e-ticket"
    if group == "EVERYBODY":
        proofs = "Nekas nav jāuzrāda", "Nothing has to be shown"
    return Description(
        *names,
        group,
        _RULES89,
        "RIX",
        _GOALS[group],
        "Saņēmēju un braucienu skaits mēnesī",
        "Pašvaldības budžets: dotācija sabiedriskajam transportam",
        *proofs,
    )


def _given(
    code: str, names: tuple[str, str], group: str, discount: Discount = WHOLE_PRICE, terms: Terms = IN_CITY
) -> Edition:
    return edition(code, _said(names, group), TermsDraft(_DAY, None, discount, terms=terms))


EDITIONS = (
    _given(
        "RIX-75PLUS",
        ("Personas no 75 gadu vecuma, kuras deklarētas Rīgā", "Persons of 75 and older declared in Riga"),
        "PENSIONERS",
    ),
    _given(
        "RIX-PENS",
        (
            "Nestrādājoši vecuma un izdienas pensionāri līdz 75 gadu vecumam, kuri deklarēti Rīgā",
            "Non-working old-age and service pensioners under 75 declared in Riga",
        ),
        "PENSIONERS",
    ),
    _given(
        "RIX-PUPIL", ("Skolēni un profesionālo skolu audzēkņi", "Pupils and students of vocational schools"), "PUPILS"
    ),
    _given("RIX-STUDENT", ("Pilna laika studenti", "Full-time students"), "PUPILS", HALF_PRICE),
    _given(
        "RIX-DIS3",
        ("Personas ar III grupas invaliditāti, kuras deklarētas Rīgā", "Persons with a group III disability in Riga"),
        "DISABILITY",
    ),
    _given(
        "RIX-PARENT6", ("Vecāki, kuri audzina sešus un vairāk bērnu", "Parents of six or more children"), "FAMILIES"
    ),
    _given(
        "RIX-PARENT3",
        ("Viens no trīs līdz piecu bērnu vecākiem", "One parent of three to five children"),
        "FAMILIES",
        HALF_PRICE,
        replace(IN_CITY, per_household=1),
    ),
    _given(
        "RIX-CHAES",
        ("Černobiļas AES avārijas seku likvidētāji", "Participants of the Chornobyl clean-up"),
        "MERIT",
    ),
    _given(
        "RIX-RESIST",
        ("Nacionālās pretošanās kustības dalībnieki", "Participants of the national resistance"),
        "MERIT",
    ),
    _given(
        "RIX-WELFARE50",
        (
            "Sociālā darba veicēji un Labklājības departamenta iestāžu tehniskie darbinieki",
            "Social work staff and technical staff of the Welfare Department's institutions",
        ),
        "WORKERS",
        HALF_PRICE,
    ),
    edition(
        "RIX-UA",
        _said(("Ukrainas civiliedzīvotāji, kuri deklarēti Rīgā", "Ukrainian civilians declared in Riga"), "UKRAINE"),
        TermsDraft(_UKRAINE_DAY, date(2026, 1, 1), WHOLE_PRICE, terms=IN_CITY),
        TermsDraft(date(2026, 1, 1), date(2026, 7, 1), WHOLE_PRICE, terms=IN_CITY),
    ),
    _given(
        "RIX-ALL-DAYS",
        (
            "Visi braucēji 31. decembrī, 1. janvārī un skolas pirmajā dienā",
            "Everybody on 31 December, 1 January and the first day of school",
        ),
        "EVERYBODY",
        terms=replace(IN_CITY, dates=_ALL_DAYS, universal=True),
    ),
    *MEALS,
)
CARD = CardDraft(
    code="RIX-CARD",
    name_lv="Rīdzinieka karte",
    name_en="Riga resident's card",
    first_fee=Decimal("0.00"),
    replacement_fee=Decimal("2.85"),
    valid_months=120,
    legal_basis="Rīgas domes saistošie noteikumi par Rīdzinieka karti",
    valid_from=_DAY,
)
RIGA = Classifier(GROUPS, EDITIONS, (CARD,))
