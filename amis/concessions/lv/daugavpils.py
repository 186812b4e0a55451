"""What Daugavpils gives. Source: binding regulations No. 7 of Daugavpils on fare concessions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from amis.concessions.drafts import Description, GroupDraft, TermsDraft
from amis.concessions.lv.edition import IN_CITY, WHOLE_PRICE, Classifier, Edition, edition
from rules.tariff import Discount, DiscountKind
from rules.terms import Terms

_RULES7 = "Daugavpils valstspilsētas pašvaldības saistošie noteikumi Nr. 7 par braukšanas maksas atvieglojumiem"
# the text gives no first day; nothing earlier is ever priced here
_DAY = date(2022, 1, 1)
_HALF_EURO_OFF = Discount(DiscountKind.AMOUNT_OFF, Decimal("0.50"))
_TRAM_OR_BUS = replace(IN_CITY, modes=frozenset({"tram", "bus"}), holder_mode=True)
_GOALS: Mapping[str, str] = {
    "PENSIONERS": "Seniori var aizbraukt pie ārsta, uz veikalu un ciemos",
    "FAMILIES": "Daudzbērnu ģimenes var atļauties ikdienas braucienus",
    "DISABILITY": "Pilsētas transports ir pieejams personām ar invaliditāti",
    "MERIT": "Pilsēta atzīst tos, kuri riskēja ar dzīvību un veselību",
}

GROUPS = (
    GroupDraft("PENSIONERS", "Pensionāri", "Pensioners"),
    GroupDraft("FAMILIES", "Daudzbērnu ģimenes", "Large families"),
    GroupDraft("DISABILITY", "Personas ar invaliditāti", "Persons with disabilities"),
    GroupDraft(
        "MERIT", "Represētie, Černobiļas, Afganistānas un barikāžu dalībnieki", "Repressed persons and participants"
    ),
)


def _given(
    code: str, names: tuple[str, str], group: str, discount: Discount = WHOLE_PRICE, terms: Terms = IN_CITY
) -> Edition:
    said = Description(
        *names,
        group,
        _RULES7,
        "DGP",
        _GOALS[group],
        "Saņēmēju un braucienu skaits mēnesī",
        "Pašvaldības budžets: sabiedriskais transports",
        "Daugavpils iedzīvotāja karte",
        "Daugavpils resident's card",
    )
    return edition(code, said, TermsDraft(_DAY, None, discount, terms=terms))


EDITIONS = (
    _given(
        "DGP-PENSION",
        ("Valsts pensijas vecumu sasniegušie", "Persons who have reached the state pension age"),
        "PENSIONERS",
        _HALF_EURO_OFF,
    ),
    _given(
        "DGP-EARLY",
        (
            "Nestrādājoši priekšlaicīgas vai atvieglotas pensijas saņēmēji",
            "Non-working recipients of an early or privileged pension",
        ),
        "PENSIONERS",
        _HALF_EURO_OFF,
    ),
    _given(
        "DGP-LARGE2",
        ("Divi daudzbērnu ģimenes locekļi", "Two members of a large family"),
        "FAMILIES",
        terms=replace(IN_CITY, per_household=2),
    ),
    _given("DGP-DIS3", ("Personas ar III grupas invaliditāti", "Persons with a group III disability"), "DISABILITY"),
    _given(
        "DGP-CHAES",
        (
            "Nestrādājoši Černobiļas AES avārijas seku likvidētāji",
            "Non-working participants of the Chornobyl clean-up",
        ),
        "MERIT",
        terms=_TRAM_OR_BUS,
    ),
    _given(
        "DGP-AFGHAN",
        (
            "Nestrādājoši Afganistānas kara dalībnieki un kritušo vecāki",
            "Non-working participants of the war in Afghanistan, and parents of the fallen",
        ),
        "MERIT",
        terms=_TRAM_OR_BUS,
    ),
    _given(
        "DGP-CARE",
        (
            "Pensionāru teritoriālā sociālā centra klienti",
            "Clients of the pensioners' territorial social centre",
        ),
        "PENSIONERS",
        terms=_TRAM_OR_BUS,
    ),
    _given("DGP-REPRESSED", ("Politiski represētās personas", "Politically repressed persons"), "MERIT"),
    _given(
        "DGP-BARRICADE",
        ("1991. gada barikāžu dalībnieki", "Participants of the barricades of 1991"),
        "MERIT",
    ),
)
DAUGAVPILS = Classifier(GROUPS, EDITIONS)
