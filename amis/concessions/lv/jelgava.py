"""What Jelgava gives.

Sources: the city's binding regulations on fare concessions and on benefits of voluntary initiative, with the notices
on them. The single fare of EUR 0.85 is that of 1 October 2017; ten free rides a month for pensioners are those of the
edition of 2022, twenty from 1 May with unused ones to keep until 31 October.
"""

from dataclasses import replace
from datetime import date

from amis.concessions.drafts import Description, GroupDraft, TermsDraft
from amis.concessions.lv.calendars import SCHOOL_YEAR
from amis.concessions.lv.edition import FREE, HALF_PRICE, IN_CITY, Classifier, edition
from rules.tariff import Per, Quota

_JLG = "Jelgavas valstspilsētas pašvaldības saistošie noteikumi par braukšanas maksas atvieglojumiem"
# the city's own text gives no first day for these figures; nothing earlier is ever priced here
_JLG_DAY = date(2021, 1, 1)
_FARE_OF_2017 = date(2017, 10, 1)
_EDITION_OF_2022 = date(2022, 1, 1)
_TWENTY_RIDES = date(2022, 5, 1)
_CARD = (
    "Jelgavas iedzīvotāja karte vai cits pašvaldības identifikācijas līdzeklis",
    "Jelgava resident's card or another means of identification of the municipality",
)
_PUPILS_CARD = (
    "Jelgavas iedzīvotāja karte, skolēna apliecība vai cits pašvaldības identifikācijas līdzeklis",
    "Jelgava resident's card, pupil's card or another means of identification of the municipality",
)

GROUPS = (
    GroupDraft("NEEDY", "Trūcīgas un maznodrošinātas personas", "Needy and low-income persons"),
    GroupDraft("ORPHANS", "Bāreņi", "Orphans"),
    GroupDraft("PENSIONERS", "Pensionāri", "Pensioners"),
    GroupDraft("PUPILS", "Skolēni", "Pupils"),
    GroupDraft("REPRESSED", "Politiski represētās personas", "Politically repressed persons"),
)


def _said(names: tuple[str, str], group: str, goal: str, proofs: tuple[str, str] = _CARD) -> Description:
    return Description(
        *names,
        group,
        _JLG,
        "JLG",
        goal,
        "Saņēmēju un braucienu skaits mēnesī",
        "Pašvaldības budžets: sabiedriskais transports",
        *proofs,
    )


EDITIONS = (
    edition(
        "JLG-NEEDY20",
        _said(
            (
                "Trūcīgas un maznodrošinātas mājsaimniecības personas darbspējas vecumā",
                "Persons of working age in needy and low-income households",
            ),
            "NEEDY",
            "Darba, ārsta un pakalpojumu pieejamība trūcīgām un maznodrošinātām personām",
        ),
        TermsDraft(_JLG_DAY, date(2027, 1, 1), FREE, Quota(20, Per.MONTH), IN_CITY),
    ),
    edition(
        "JLG-PENS",
        _said(
            ("Pensionāri, kuri deklarēti Jelgavā", "Pensioners declared in Jelgava"),
            "PENSIONERS",
            "Seniori var aizbraukt pie ārsta, uz veikalu un ciemos",
        ),
        TermsDraft(_FARE_OF_2017, _EDITION_OF_2022, HALF_PRICE, Quota(20, Per.MONTH), IN_CITY),
        TermsDraft(_EDITION_OF_2022, _TWENTY_RIDES, FREE, Quota(10, Per.MONTH), IN_CITY),
        TermsDraft(_TWENTY_RIDES, None, FREE, Quota(20, Per.MONTH, carry_until="10-31"), IN_CITY),
    ),
    edition(
        "JLG-REPR20",
        _said(
            ("Politiski represētās personas Jelgavā", "Politically repressed persons in Jelgava"),
            "REPRESSED",
            "Pilsētas sabiedriskais transports ir pieejams politiski represētajām personām",
        ),
        TermsDraft(_JLG_DAY, None, FREE, Quota(20, Per.MONTH), IN_CITY),
    ),
    edition(
        "JLG-ORPHAN5",
        _said(
            (
                "Bāreņi Jelgavā; līdz 24 gadu vecumam, ja mācās",
                "Orphans in Jelgava; until the age of 24 while studying",
            ),
            "ORPHANS",
            "Skola, darbs un ikdienas gaitas bāreņiem ir sasniedzamas bez maksas",
            _PUPILS_CARD,
        ),
        TermsDraft(_JLG_DAY, None, FREE, Quota(5, Per.DAY), IN_CITY),
    ),
    edition(
        "JLG-PUPIL4",
        _said(
            ("Skolēni, kuri deklarēti Jelgavā", "Pupils declared in Jelgava"),
            "PUPILS",
            "Ceļš uz skolu un interešu izglītību ģimenei neko nemaksā",
            _PUPILS_CARD,
        ),
        # interest classes in the holidays and summer work lift the calendar for the pupil who has them
        TermsDraft(
            _JLG_DAY,
            None,
            FREE,
            Quota(4, Per.DAY),
            replace(IN_CITY, calendar=SCHOOL_YEAR, waiver="summer_work"),
        ),
    ),
)
JELGAVA = Classifier(GROUPS, EDITIONS)
