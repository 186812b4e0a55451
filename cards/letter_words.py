"""The words of the letter, in Latvian and in English."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Words:
    """One language of the letter; `steps` are numbered instructions."""

    title: str
    intro: str
    number: str
    valid: str
    concessions: str
    heading: str
    steps: tuple[str, ...]
    contact: str
    day: Callable[[date], str]
    phone: str
    phone_steps: str


def _latvian_day(day: date) -> str:
    return f"{day:%d.%m.%Y}."


def _english_day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


LATVIAN = Words(
    title="Jūsu QR kods atvieglojumu saņemšanai",
    intro=(
        "Nosūtām Jums personisko QR kodu. Uzrādiet to, iekāpjot sabiedriskajā transportā vai ierodoties iestādē, "
        "kur Jums pienākas atvieglojums."
    ),
    number="Koda numurs",
    valid="Derīgs līdz (ieskaitot)",
    concessions="Piešķirtie atvieglojumi",
    heading="Kā lietot kodu",
    steps=(
        "Izgrieziet kodu vai ņemiet līdzi visu vēstuli. Turiet kodu pretī lasītājam, līdz parādās atbilde.",
        "Ja kodu neizdodas nolasīt, nosauciet vai ievadiet tā numuru.",
        "Kodu drīkstat lietot tikai Jūs. Kontrolieris var lūgt uzrādīt personu apliecinošu dokumentu.",
        "Nenododiet kodu citiem un neļaujiet to fotografēt: ļaunprātīgi izmantotu kodu bloķē.",
        "Ja vēstuli nozaudējat vai to nozog, nekavējoties paziņojiet pašvaldībai: kodu bloķēsim un izsniegsim jaunu.",
    ),
    contact="Jautājumi un paziņojumi par nozaudēšanu",
    day=_latvian_day,
    phone="Ja vēlaties kodu tālrunī (nav obligāti)",
    phone_steps=(
        "Tālruņa pārlūkā atveriet {address} un ievadiet šo piekļuves kodu. Tas darbojas vienu reizi, līdz {until} "
        "Kad kods ir tālrunī, šajā vēstulē nodrukātais QR kods vairs nedarbojas."
    ),
)
ENGLISH = Words(
    title="Your QR code for concessions",
    intro=(
        "This is your personal QR code. Show it when you board public transport or arrive at a place where you are "
        "entitled to a concession."
    ),
    number="Code number",
    valid="Valid until (inclusive)",
    concessions="Concessions granted",
    heading="How to use the code",
    steps=(
        "Cut the code out or take the whole letter with you. Hold the code to the reader until it answers.",
        "If the code cannot be read, say or enter its number.",
        "Only you may use the code. An inspector may ask to see an identity document.",
        "Do not lend the code or let it be photographed: a misused code is blocked.",
        "If the letter is lost or stolen, tell your municipality at once: we block the code and issue a new one.",
    ),
    contact="Questions and reports of loss",
    day=_english_day,
    phone="If you want the code on your phone (not required)",
    phone_steps=(
        "In the browser of your phone, open {address} and enter this access code. It works once, until {until}. "
        "When the code is on the phone, the QR code printed in this letter no longer works."
    ),
)
WORDS: Mapping[str, Words] = {"lv": LATVIAN, "en": ENGLISH}

CARD_LATVIAN = replace(
    LATVIAN,
    title="Jūsu atvieglojumu karte",
    intro=(
        "Nosūtām Jums personisko atvieglojumu karti. Pielieciet to lasītājam, iekāpjot sabiedriskajā transportā vai "
        "ierodoties iestādē, kur Jums pienākas atvieglojums."
    ),
    number="Kartes numurs",
    valid="Derīga līdz (ieskaitot)",
    heading="Kā lietot karti",
    steps=(
        "Noņemiet karti no vēstules. Turiet to pie lasītāja, līdz parādās atbilde.",
        "Ja karti neizdodas nolasīt, nosauciet vai ievadiet tās numuru.",
        "Karti drīkstat lietot tikai Jūs. Kontrolieris var lūgt uzrādīt personu apliecinošu dokumentu.",
        "Nelokiet un nekarsējiet karti, neduriet tajā caurumus: tajā ir mikroshēma un antena.",
        "Ja karti nozaudējat vai to nozog, nekavējoties paziņojiet pašvaldībai: karti bloķēsim un izsniegsim jaunu. "
        "Atrastu veco karti nododiet pašvaldībā, tā vairs nedarbosies.",
    ),
)
CARD_ENGLISH = replace(
    ENGLISH,
    title="Your concession card",
    intro=(
        "This is your personal concession card. Hold it to the reader when you board public transport or arrive at a "
        "place where you are entitled to a concession."
    ),
    number="Card number",
    heading="How to use the card",
    steps=(
        "Take the card off the letter. Hold it to the reader until it answers.",
        "If the card cannot be read, say or enter its number.",
        "Only you may use the card. An inspector may ask to see an identity document.",
        "Do not bend, heat or punch the card: it holds a chip and an aerial.",
        "If the card is lost or stolen, tell your municipality at once: we block it and issue a new one. "
        "Hand in an old card that you find again, it no longer works.",
    ),
)
CARD_WORDS: Mapping[str, Words] = {"lv": CARD_LATVIAN, "en": CARD_ENGLISH}
"""The same for a letter that goes with a card."""
