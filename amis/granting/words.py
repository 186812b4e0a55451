"""The phrases of facts in Latvian and English, as sentences about a condition and forms show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from rules.condition import Condition
from rules.sentence import sentence


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same words in both languages."""

    lv: str
    en: str

    def of(self, language: str) -> str:
        """The words in `lv` or `en`."""
        return self.lv if language == "lv" else self.en


class Named(Protocol):
    """A group of persons, a fact kind or a calendar with its names."""

    code: str
    name_lv: str
    name_en: str


FACTS: Mapping[str, Phrase] = {
    "disability": Phrase("invaliditāte", "disability"),
    "disability:I": Phrase("I grupa", "group I"),
    "disability:II": Phrase("II grupa", "group II"),
    "disability:III": Phrase("III grupa", "group III"),
    "disability:child": Phrase("bērnam līdz 18 gadu vecumam", "of a child under 18"),
    "needy": Phrase("trūcīgas mājsaimniecības statuss", "status of a needy household"),
    "low_income": Phrase("maznodrošinātas mājsaimniecības statuss", "status of a low-income household"),
    "orphan": Phrase(
        "bāreņa vai bez vecāku gādības palikuša bērna statuss", "status of an orphan or a child without parental care"
    ),
    "repressed": Phrase("politiski represētas personas statuss", "status of a politically repressed person"),
    "resistance": Phrase(
        "nacionālās pretošanās kustības dalībnieka statuss", "status of a participant of the national resistance"
    ),
    "large_family": Phrase("daudzbērnu ģimene", "large family"),
    "pension": Phrase("pensija", "pension"),
    "pension:old_age": Phrase("vecuma", "old age"),
    "pension:service": Phrase("izdienas", "service"),
    "pension:disability": Phrase("invaliditātes", "disability"),
    "pension:survivor": Phrase("apgādnieka zaudējuma", "survivor's"),
    "in_care": Phrase("ārpusģimenes aprūpe", "out-of-family care"),
    "studying": Phrase("mācības izglītības iestādē", "studies at an educational institution"),
    "residence": Phrase("deklarētā dzīvesvieta", "declared residence"),
    "application": Phrase("apstiprināts pieteikums atvieglojumam", "approved application for a concession"),
    "choice": Phrase("saņēmēja izvēle", "choice of the holder"),
    "override": Phrase("amatpersonas lēmums", "decision of an official"),
    "grade": Phrase("klase", "school grade"),
    "pupil": Phrase("skolēns", "school pupil"),
    "student": Phrase("students", "student"),
    "employed": Phrase("nodarbinātība", "employment"),
    "goda": Phrase("Goda ģimenes statuss", "status of an Honorary Family"),
    "chaes": Phrase(
        "Černobiļas AES avārijas seku likvidācijas dalībnieka statuss", "status of a Chernobyl clean-up participant"
    ),
    "afghan": Phrase(
        "Afganistānas karadarbības dalībnieka statuss", "status of a participant of the war in Afghanistan"
    ),
    "barricades": Phrase("1991. gada barikāžu dalībnieka statuss", "status of a participant of the 1991 barricades"),
    "in_social_centre": Phrase("dzīvo sociālās aprūpes centrā", "lives in a social care centre"),
    "social_worker": Phrase("sociālais darbinieks", "social worker"),
    "technical_staff": Phrase("tehniskais darbinieks", "technical worker"),
    "ukrainian": Phrase("Ukrainas civiliedzīvotāja statuss", "status of a Ukrainian civilian"),
    "early_pension": Phrase("priekšlaicīgi piešķirta vecuma pensija", "old-age pension granted early"),
    "family_register": Phrase("ieraksts daudzbērnu ģimeņu reģistrā", "entry in the register of large families"),
    "school_start": Phrase("sāk mācības pamatskolā", "starts primary school"),
    "summer_work": Phrase("nodarbinātība vasaras brīvlaikā", "summer work of pupils"),
    "rural": Phrase("dzīvo lauku teritorijā", "lives in the countryside"),
    "parent_of_fallen": Phrase("kritušā karavīra vecāka statuss", "status of a parent of a fallen soldier"),
    "born": Phrase("dzimšanas datums", "birth date"),
    "yes": Phrase("jā", "yes"),
    "no": Phrase("nē", "no"),
}

RELATIONS: Mapping[str, Phrase] = {
    "child": Phrase("bērns", "child"),
    "parent": Phrase("vecāks", "parent"),
    "spouse": Phrase("laulātais", "spouse"),
    "ward": Phrase("aizbilstamais", "ward"),
    "guardian": Phrase("aizbildnis", "guardian"),
    "household": Phrase("mājsaimniecības loceklis", "member of the household"),
}


def names(language: str, groups: Iterable[Named] = ()) -> Mapping[str, str]:
    """The phrases in one language by code, as `rules.sentence` takes them; what the program itself calls goes first."""
    known = {code: phrase.of(language) for code, phrase in {**RELATIONS, **FACTS}.items()}
    named = {one.code: one.name_lv if language == "lv" else one.name_en for one in groups}
    named = {code: name for code, name in named.items() if name} | known
    yes_no = {f"{kind}:{value}": FACTS[value].of(language) for kind in named for value in ("yes", "no")}
    return yes_no | named


def said(condition: Condition, groups: Iterable[Named] = ()) -> Phrase:
    """A condition as plain sentences."""
    known = tuple(groups)
    return Phrase(sentence(condition, "lv", names("lv", known)), sentence(condition, "en", names("en", known)))


def fact_said(kind: str, value: str) -> Phrase:
    """A fact with its value; a bare status needs no "yes" after it."""
    name = FACTS.get(kind, Phrase(kind, kind))
    if value == "yes":
        return name
    shown = FACTS.get(f"{kind}:{value}", FACTS.get(value, Phrase(value, value)))
    return Phrase(f"{name.lv}: {shown.lv}", f"{name.en}: {shown.en}")
