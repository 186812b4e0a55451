"""What the state gives: disability, orphans, repressed persons, children and pupils.

Source: Cabinet of Ministers regulation No. 414 (22 June 2021) as amended by No. 182 (19 March 2024).
"""

from dataclasses import replace
from datetime import date

from amis.concessions.drafts import Description, GroupDraft, TermsDraft
from amis.concessions.lv.edition import (
    EVERYWHERE,
    HALF_PRICE,
    REFUND,
    REGIONAL,
    WHOLE_PRICE,
    Classifier,
    edition,
    for_product,
)
from amis.concessions.lv.state_families import EDITIONS as FAMILIES
from rules.terms import Terms

_MK414 = (
    "Ministru kabineta 2021. gada 22. jūnija noteikumi Nr. 414, grozīti ar 2024. gada 19. marta noteikumiem Nr. 182"
)
_MK414_DAY = date(2021, 6, 22)
_MK182_DAY = date(2024, 3, 23)
_DISABILITY_PROOF = (
    "Personas ar invaliditāti apliecība vai elektronisks identifikācijas līdzeklis",
    "Disability certificate or electronic means of identification",
)
_TICKETS = ("Apmaksātas biļetes un iesniegums pašvaldībai", "Paid tickets and an application to the municipality")

GROUPS = (
    GroupDraft("DISABILITY", "Personas ar invaliditāti", "Persons with disabilities"),
    GroupDraft("ORPHANS", "Bāreņi un bez vecāku gādības palikušie", "Orphans and children without parental care"),
    GroupDraft("REPRESSED", "Represētie un pretošanās dalībnieki", "Repressed persons and resistance participants"),
    GroupDraft("FAMILIES", "Ģimenes un bērni", "Families and children"),
    GroupDraft("PUPILS", "Skolēni", "Pupils"),
)


def _said(names: tuple[str, str], group: str, goal: str, proofs: tuple[str, str]) -> Description:
    return Description(
        *names,
        group,
        _MK414,
        "LV",
        goal,
        "Saņēmēju un braucienu skaits mēnesī",
        "Valsts budžeta dotācija sabiedriskajam transportam",
        *proofs,
    )


def _whole(terms: Terms, start: date = _MK414_DAY) -> TermsDraft:
    return TermsDraft(start, None, WHOLE_PRICE, terms=terms)


EDITIONS = (
    edition(
        "LV-PRESCHOOL",
        _said(
            ("Bērni, kuri vēl nav sākuši skolas gaitas", "Children who have not started school"),
            "FAMILIES",
            "Ģimenes ar maziem bērniem var braukt reģionālajā transportā bez papildu izdevumiem",
            ("Nekas nav jāuzrāda", "Nothing has to be shown"),
        ),
        _whole(replace(REGIONAL, by_sight=True)),
    ),
    edition(
        "LV-DIS-1-2",
        _said(
            ("Personas ar I vai II grupas invaliditāti", "Persons with a group I or II disability"),
            "DISABILITY",
            "Sabiedriskais transports ir pieejams personām ar smagu un ļoti smagu invaliditāti",
            _DISABILITY_PROOF,
        ),
        _whole(EVERYWHERE),
    ),
    edition(
        "LV-DIS-CHILD",
        _said(
            ("Personas ar invaliditāti līdz 18 gadu vecumam", "Persons under 18 with a disability"),
            "DISABILITY",
            "Sabiedriskais transports ir pieejams bērniem ar invaliditāti",
            _DISABILITY_PROOF,
        ),
        _whole(EVERYWHERE),
    ),
    edition(
        "LV-COMPANION",
        _said(
            (
                "Pavadonis personai ar I grupas invaliditāti vai bērnam ar invaliditāti",
                "A companion of a person with a group I disability or of a disabled child",
            ),
            "DISABILITY",
            "Persona, kura nevar braukt viena, brauc kopā ar pavadoni",
            _DISABILITY_PROOF,
        ),
        # the holder's own right comes first where nobody comes along
        _whole(replace(EVERYWHERE, companions=1, priority=110)),
    ),
    edition(
        "LV-ORPHAN",
        _said(
            (
                "Bāreņi un bez vecāku gādības palikušie bērni aprūpē vai mācībās, līdz 24 gadu vecumam",
                "Orphans and children without parental care, in care or studying, until the age of 24",
            ),
            "ORPHANS",
            "Sabiedriskais transports ir pieejams bāreņiem aprūpes un mācību laikā",
            (
                "Sociālo garantiju apliecība vai pilsētas pārvadātāja elektroniskais identifikācijas līdzeklis",
                "Certificate of social guarantees or the city carrier's electronic means of identification",
            ),
        ),
        _whole(EVERYWHERE, _MK182_DAY),
    ),
    edition(
        "LV-REPRESSED",
        _said(
            (
                "Politiski represētās personas un nacionālās pretošanās kustības dalībnieki",
                "Politically repressed persons and participants of the national resistance",
            ),
            "REPRESSED",
            "Sabiedriskais transports ir pieejams represētajiem un pretošanās kustības dalībniekiem",
            (
                "Politiski represētās personas vai nacionālās pretošanās kustības dalībnieka apliecība",
                "Certificate of a politically repressed person or of a participant of the national resistance",
            ),
        ),
        _whole(REGIONAL),
    ),
    *FAMILIES,
    # the pupil pays in full and the municipality pays back: the right is used at its refund desk, never in a vehicle
    edition(
        "LV-RURAL-1-9",
        _said(
            ("1.–9. klases skolēni, kuri dzīvo ārpus pilsētas", "Pupils of grades 1–9 who live outside a city"),
            "PUPILS",
            "Ceļš uz skolu ģimenei laukos neko nemaksā",
            _TICKETS,
        ),
        _whole(for_product(Terms(), REFUND)),
    ),
    edition(
        "LV-RURAL-10-12",
        _said(
            ("10.–12. klases skolēni, kuri dzīvo ārpus pilsētas", "Pupils of grades 10–12 who live outside a city"),
            "PUPILS",
            "Ceļš uz vidusskolu ģimenei laukos ir pa spēkam",
            _TICKETS,
        ),
        TermsDraft(_MK414_DAY, None, HALF_PRICE, terms=for_product(Terms(), REFUND)),
    ),
)
LATVIA = Classifier(GROUPS, EDITIONS)
