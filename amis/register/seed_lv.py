"""The fact kinds that concessions of Latvia rest on, with their names."""

from dataclasses import dataclass

from amis.concessions.seed_lv import MUNICIPALITIES
from amis.kernel.db import Transaction
from amis.kernel.models import STATE
from amis.register.service import define_fact_kind
from rules.vocabulary import FactKind, WhenMissing

_YES = frozenset({"yes"})
_YES_NO = frozenset({"yes", "no"})
RESIDENCES = frozenset(code for number, code, *_ in MUNICIPALITIES if number != STATE) | {"elsewhere"}
"""Where somebody is declared: the code of a municipality that is served here, or another."""
# the municipalities whose concessions ask where somebody is declared, by code
_MUNICIPALITIES = frozenset({"DGP", "JLG", "RIX", "VNT", "other"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of fact and what people call it."""

    kind: FactKind
    name_lv: str
    name_en: str


def _status(code: str, name_lv: str, name_en: str) -> Kept:
    return Kept(FactKind(code, _YES), name_lv, name_en)


def _asked(code: str, name_lv: str, name_en: str) -> Kept:
    """No source reports these for everybody: where nothing is recorded, a clerk has to ask."""
    return Kept(FactKind(code, _YES_NO, WhenMissing.UNKNOWN), name_lv, name_en)


_SOCIAL = (
    Kept(FactKind("disability", frozenset({"I", "II", "III", "child"})), "invaliditāte", "disability"),
    _status("needy", "trūcīgas mājsaimniecības statuss", "status of a needy household"),
    _status("low_income", "maznodrošinātas mājsaimniecības statuss", "status of a low-income household"),
    _status(
        "orphan",
        "bāreņa vai bez vecāku gādības palikuša bērna statuss",
        "status of an orphan or a child without parental care",
    ),
    _status("repressed", "politiski represētas personas statuss", "status of a politically repressed person"),
    _status("large_family", "daudzbērnu ģimene", "large family"),
    _status("family_register", "ieraksts daudzbērnu ģimeņu reģistrā", "entry in the register of large families"),
    _status("goda", "Goda ģimenes statuss", "status of an Honorary Family"),
    _status(
        "chaes",
        "Černobiļas AES avārijas seku likvidācijas dalībnieka statuss",
        "status of a Chernobyl clean-up participant",
    ),
    _status(
        "afghan", "Afganistānas karadarbības dalībnieka statuss", "status of a participant of the war in Afghanistan"
    ),
    _status("parent_of_fallen", "kritušā karavīra vecāka statuss", "status of a parent of a fallen soldier"),
    _status("barricades", "1991. gada barikāžu dalībnieka statuss", "status of a participant of the 1991 barricades"),
    _status("in_social_centre", "dzīvo sociālās aprūpes centrā", "lives in a social care centre"),
    _status("ukrainian", "Ukrainas civiliedzīvotāja statuss", "status of a Ukrainian civilian"),
    _asked("in_care", "ārpusģimenes aprūpe", "out-of-family care"),
)
_WORK = (
    Kept(FactKind("pension", frozenset({"old_age", "service", "disability", "survivor"})), "pensija", "pension"),
    _status("early_pension", "priekšlaicīgi piešķirta vecuma pensija", "old-age pension granted early"),
    _asked("employed", "nodarbinātība", "employment"),
    _status("social_worker", "sociālais darbinieks", "social worker"),
    _status("technical_staff", "tehniskais darbinieks", "technical worker"),
    _status("summer_work", "nodarbinātība vasaras brīvlaikā", "summer work of pupils"),
)
_SCHOOL = (
    _asked("studying", "mācības izglītības iestādē", "studies at an educational institution"),
    _status("school_start", "sāk mācības pamatskolā", "starts primary school"),
    _status("pupil", "skolēns", "school pupil"),
    _status("student", "students", "student"),
    Kept(FactKind("grade", frozenset(map(str, range(1, 13)))), "klase", "school grade"),
)
_HOME = (
    Kept(FactKind("residence", _MUNICIPALITIES, WhenMissing.UNKNOWN), "deklarētā dzīvesvieta", "declared residence"),
    _status("rural", "dzīvo lauku teritorijā", "lives in the countryside"),
)
_DECIDED = (
    # what this service itself states of a person: the code of a concession, with a mode or a verdict beside it
    Kept(FactKind("application"), "apstiprināts pieteikums atvieglojumam", "approved application for a concession"),
    Kept(FactKind("choice"), "saņēmēja izvēle", "choice of the holder"),
    Kept(FactKind("override"), "amatpersonas lēmums", "decision of an official"),
)
STATE_KINDS = (*_SOCIAL, *_WORK, *_SCHOOL, *_HOME, *_DECIDED)
STATE_FACT_KINDS = tuple(kept.kind for kept in STATE_KINDS)


async def seed_fact_kinds(tx: Transaction) -> int:
    """Defines the fact kinds in a transaction of the state; how many of them were new or changed."""
    return sum([await define_fact_kind(tx, kept.kind, kept.name_lv, kept.name_en) for kept in STATE_KINDS])
