"""Concessions of Latvia as data: municipalities, groups, and seven concessions with their terms.

Sources: Cabinet of Ministers regulation No. 414 (22 June 2021) as amended by No. 182 (19 March 2024) for the state's;
the binding regulations of Jelgava on fare concessions for the city's.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, text

from amis.concessions import service, store
from amis.concessions.drafts import ConcessionDraft, Description, GroupDraft, TermsDraft
from amis.concessions.scope import CITY, REGIONAL_INTERCITY, REGIONAL_LOCAL
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Terms

JELGAVA = 2
MUNICIPALITIES = (
    (STATE, "LV", "Latvijas valsts", "State of Latvia"),
    (JELGAVA, "JLG", "Jelgavas valstspilsētas pašvaldība", "Jelgava City Municipality"),
    (3, "RIX", "Rīgas valstspilsētas pašvaldība", "Riga City Municipality"),
    (4, "DGP", "Daugavpils valstspilsētas pašvaldība", "Daugavpils City Municipality"),
)

_MK414 = (
    "Ministru kabineta 2021. gada 22. jūnija noteikumi Nr. 414, grozīti ar 2024. gada 19. marta noteikumiem Nr. 182"
)
_JLG = "Jelgavas valstspilsētas pašvaldības saistošie noteikumi par braukšanas maksas atvieglojumiem"
_ALL_ROUTES = Terms(zones=frozenset({CITY, REGIONAL_INTERCITY, REGIONAL_LOCAL}))
_REGIONAL = Terms(zones=frozenset({REGIONAL_INTERCITY, REGIONAL_LOCAL}))
_CITY = Terms(zones=frozenset({CITY}))
_WHOLE_PRICE = Discount(DiscountKind.PERCENT, Decimal(100))
_FREE = Discount(DiscountKind.FREE)
_MK414_DAY = date(2021, 6, 22)
_MK182_DAY = date(2024, 3, 23)
# the city's own text gives no first day for these figures; nothing earlier is ever priced here
_JLG_DAY = date(2021, 1, 1)

STATE_GROUPS = (
    GroupDraft("DISABILITY", "Personas ar invaliditāti", "Persons with disabilities"),
    GroupDraft("ORPHANS", "Bāreņi un bez vecāku gādības palikušie", "Orphans and children without parental care"),
    GroupDraft("REPRESSED", "Represētie un pretošanās dalībnieki", "Repressed persons and resistance participants"),
)
JELGAVA_GROUPS = (
    GroupDraft("NEEDY", "Trūcīgas un maznodrošinātas personas", "Needy and low-income persons"),
    GroupDraft("ORPHANS", "Bāreņi", "Orphans"),
    GroupDraft("REPRESSED", "Politiski represētās personas", "Politically repressed persons"),
)

STATE_CONCESSIONS = (
    ConcessionDraft(
        "LV-DIS-1-2",
        Description(
            name_lv="Personas ar I vai II grupas invaliditāti",
            name_en="Persons with a group I or II disability",
            group_code="DISABILITY",
            legal_basis=_MK414,
            funder="LV",
            goal="Sabiedriskais transports ir pieejams personām ar smagu un ļoti smagu invaliditāti",
            indicator="Saņēmēju un braucienu skaits mēnesī",
            budget_line="Valsts budžeta dotācija sabiedriskajam transportam",
            proof_lv="Personas ar invaliditāti apliecība vai elektronisks identifikācijas līdzeklis",
            proof_en="Disability certificate or electronic means of identification",
        ),
        TermsDraft(_MK414_DAY, None, _WHOLE_PRICE, terms=_ALL_ROUTES),
    ),
    ConcessionDraft(
        "LV-DIS-CHILD",
        Description(
            name_lv="Personas ar invaliditāti līdz 18 gadu vecumam",
            name_en="Persons under 18 with a disability",
            group_code="DISABILITY",
            legal_basis=_MK414,
            funder="LV",
            goal="Sabiedriskais transports ir pieejams bērniem ar invaliditāti",
            indicator="Saņēmēju un braucienu skaits mēnesī",
            budget_line="Valsts budžeta dotācija sabiedriskajam transportam",
            proof_lv="Personas ar invaliditāti apliecība vai elektronisks identifikācijas līdzeklis",
            proof_en="Disability certificate or electronic means of identification",
        ),
        TermsDraft(_MK414_DAY, None, _WHOLE_PRICE, terms=_ALL_ROUTES),
    ),
    ConcessionDraft(
        "LV-ORPHAN",
        Description(
            name_lv="Bāreņi un bez vecāku gādības palikušie bērni aprūpē vai mācībās, līdz 24 gadu vecumam",
            name_en="Orphans and children without parental care, in care or studying, until the age of 24",
            group_code="ORPHANS",
            legal_basis=_MK414,
            funder="LV",
            goal="Sabiedriskais transports ir pieejams bāreņiem aprūpes un mācību laikā",
            indicator="Saņēmēju un braucienu skaits mēnesī",
            budget_line="Valsts budžeta dotācija sabiedriskajam transportam",
            proof_lv="Sociālo garantiju apliecība vai pilsētas pārvadātāja elektroniskais identifikācijas līdzeklis",
            proof_en="Certificate of social guarantees or the city carrier's electronic means of identification",
        ),
        TermsDraft(_MK182_DAY, None, _WHOLE_PRICE, terms=_ALL_ROUTES),
    ),
    ConcessionDraft(
        "LV-REPRESSED",
        Description(
            name_lv="Politiski represētās personas un nacionālās pretošanās kustības dalībnieki",
            name_en="Politically repressed persons and participants of the national resistance",
            group_code="REPRESSED",
            legal_basis=_MK414,
            funder="LV",
            goal="Sabiedriskais transports ir pieejams represētajiem un pretošanās kustības dalībniekiem",
            indicator="Saņēmēju un braucienu skaits mēnesī",
            budget_line="Valsts budžeta dotācija sabiedriskajam transportam",
            proof_lv="Politiski represētās personas vai nacionālās pretošanās kustības dalībnieka apliecība",
            proof_en="Certificate of a politically repressed person or of a participant of the national resistance",
        ),
        TermsDraft(_MK414_DAY, None, _WHOLE_PRICE, terms=_REGIONAL),
    ),
)
JELGAVA_CONCESSIONS = (
    ConcessionDraft(
        "JLG-NEEDY20",
        Description(
            name_lv="Trūcīgas un maznodrošinātas mājsaimniecības personas darbspējas vecumā",
            name_en="Persons of working age in needy and low-income households",
            group_code="NEEDY",
            legal_basis=_JLG,
            funder="JLG",
            goal="Darba, ārsta un pakalpojumu pieejamība trūcīgām un maznodrošinātām personām",
            indicator="Saņēmēju un braucienu skaits mēnesī",
            budget_line="Pašvaldības budžets: sabiedriskais transports",
            proof_lv="Jelgavas iedzīvotāja karte vai cits pašvaldības identifikācijas līdzeklis",
            proof_en="Jelgava resident's card or another means of identification of the municipality",
        ),
        TermsDraft(_JLG_DAY, date(2027, 1, 1), _FREE, Quota(20, Per.MONTH), _CITY),
    ),
    ConcessionDraft(
        "JLG-REPR20",
        Description(
            name_lv="Politiski represētās personas Jelgavā",
            name_en="Politically repressed persons in Jelgava",
            group_code="REPRESSED",
            legal_basis=_JLG,
            funder="JLG",
            goal="Pilsētas sabiedriskais transports ir pieejams politiski represētajām personām",
            indicator="Saņēmēju un braucienu skaits mēnesī",
            budget_line="Pašvaldības budžets: sabiedriskais transports",
            proof_lv="Jelgavas iedzīvotāja karte vai cits pašvaldības identifikācijas līdzeklis",
            proof_en="Jelgava resident's card or another means of identification of the municipality",
        ),
        TermsDraft(_JLG_DAY, None, _FREE, Quota(20, Per.MONTH), _CITY),
    ),
    ConcessionDraft(
        "JLG-ORPHAN5",
        Description(
            name_lv="Bāreņi Jelgavā; līdz 24 gadu vecumam, ja mācās",
            name_en="Orphans in Jelgava; until the age of 24 while studying",
            group_code="ORPHANS",
            legal_basis=_JLG,
            funder="JLG",
            goal="Skola, darbs un ikdienas gaitas bāreņiem ir sasniedzamas bez maksas",
            indicator="Saņēmēju un braucienu skaits mēnesī",
            budget_line="Pašvaldības budžets: sabiedriskais transports",
            proof_lv="Jelgavas iedzīvotāja karte, skolēna apliecība vai cits pašvaldības identifikācijas līdzeklis",
            proof_en="Jelgava resident's card, pupil's card or another means of identification of the municipality",
        ),
        TermsDraft(_JLG_DAY, None, _FREE, Quota(5, Per.DAY), _CITY),
    ),
)
_GIVEN: Mapping[int, tuple[tuple[GroupDraft, ...], tuple[ConcessionDraft, ...]]] = {
    STATE: (STATE_GROUPS, STATE_CONCESSIONS),
    JELGAVA: (JELGAVA_GROUPS, JELGAVA_CONCESSIONS),
}


def seed_municipalities(owner: Connection) -> int:
    """Adds the grantors as the owner of the database, since the service itself may not; how many were new."""
    statement = text("INSERT INTO municipality VALUES (:id, :code, :name_lv, :name_en) ON CONFLICT (id) DO NOTHING")
    keys = ("id", "code", "name_lv", "name_en")
    return sum(owner.execute(statement, dict(zip(keys, row, strict=True))).rowcount for row in MUNICIPALITIES)


async def seed(tx: Transaction) -> int:
    """Defines the concessions of the acting municipality, in its own transaction; how many were new.

    A concession that is there already stays as it is, even where its grantor has changed it since.
    """
    groups, concessions = _GIVEN.get(tx.municipality_id, ((), ()))
    for group in groups:
        await service.define_group(tx, group)
    new = [one for one in concessions if await store.by_code(tx, tx.municipality_id, one.code) is None]
    for concession in new:
        await service.define_concession(tx, concession)
    return len(new)
