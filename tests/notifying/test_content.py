"""The texts: every kind and cause in both languages, and nothing of a person in them."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.notifying.content import FOLDER, LONGEST_SHORT, LONGEST_SUBJECT, Content, Item, Sender, causes, compose
from amis.notifying.kinds import Kind
from amis.web.i18n import LANGUAGES

SENDER = Sender("Jelgava", "63005555", "https://amis.example/my/")
FIRST, LAST = date(2026, 3, 1), date(2026, 5, 31)
FULL = {
    "name": "Braucieni <pilsētā> & ārpus",
    "first": FIRST,
    "last": LAST,
    "reference": "K7QX",
    "place": "Lielā iela 1",
}
SAYS = {
    Kind.BEGINS: ("2026. gada 1. marta līdz 2026. gada 31. maijam", "from 1 March 2026 to 31 May 2026"),
    Kind.PROLONGED: ("līdz 2026. gada 31. maijam", "until 31 May 2026"),
    Kind.SHORTENED: ("no 2026. gada 1. marta līdz 2026. gada 31. maijam", "from 1 March 2026 to 31 May 2026"),
    Kind.ENDED: ("ir izbeigts", "has been ended"),
    Kind.ENDS_SOON: ("ir spēkā līdz 2026. gada 31. maijam", "applies until 31 May 2026"),
    Kind.EXPIRED: ("bija 2026. gada 31. maijs", "was 31 May 2026"),
    Kind.CARD_READY: ("To varat saņemt šeit: Lielā iela 1.", "You can collect it here: Lielā iela 1."),
    Kind.BLOCKED: ("numurs beidzas ar K7QX", "number ends in K7QX"),
}


@pytest.mark.parametrize(("kind", "language"), [*product(Kind, LANGUAGES)])
def test_every_kind_is_told_in_both_languages_in_full_and_in_short(kind: Kind, language: str) -> None:
    content = compose([Item(kind, **FULL)], SENDER, language)
    says = SAYS[kind][language == "en"]
    assert says in content.text
    assert says.replace("&", "&amp;") in content.html
    assert content.subject
    assert content.short.endswith("Jelgava")
    assert all(part in content.text for part in (SENDER.questions, SENDER.link))
    assert "<pilsētā>" not in content.html
    assert ("<pilsētā>" in content.text) == (kind not in (Kind.CARD_READY, Kind.BLOCKED))
    assert not any(mark in content.text for mark in ("{", "None", "..", "  "))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_a_sentence_in_both_languages(language: str) -> None:
    for cause in causes():
        told = compose([Item(Kind.ENDED, "X", why=cause)], SENDER, language).text
        assert ("Iemesls: " if language == "lv" else "The reason: ") in told
    assert causes("en") == causes("lv")


@pytest.mark.parametrize("kind", [Kind.BEGINS, Kind.PROLONGED, Kind.SHORTENED])
def test_a_right_without_an_end_names_none(kind: Kind) -> None:
    texts = [compose([Item(kind, "X", FIRST, None)], SENDER, language).text for language in LANGUAGES]
    assert not any("None" in text or "31" in text or "līdz" in text for text in texts)


def test_a_posted_card_is_on_its_way() -> None:
    assert compose([Item(Kind.CARD_READY, reference="K7QX")], SENDER, "en").subject == "Your card is on its way"


def test_several_things_have_one_subject_and_a_paragraph_each() -> None:
    content = compose([Item(Kind.ENDED, "One"), Item(Kind.BEGINS, "Two", FIRST, LAST)], SENDER, "en")
    assert content.subject == "Changes to your concessions"
    assert content.text.index("“One”") < content.text.index("“Two”")
    assert content.html.count("<p>") == 6


@given(st.text(), st.text(), st.lists(st.sampled_from(Kind), min_size=1, max_size=12))
def test_any_name_gives_one_line_of_subject_and_a_short_text(name: str, sender: str, kinds: list[Kind]) -> None:
    items = [Item(kind, **FULL | {"name": name, "place": name}) for kind in kinds]
    content = compose(items, Sender(sender, "", "https://amis.example/my/"), "lv")
    assert content.subject.isprintable()
    assert (len(content.subject) <= LONGEST_SUBJECT, len(content.short) <= LONGEST_SHORT) == (True, True)
    assert "<script" not in content.html.lower()
    assert Content.from_json(content.to_json()) == content


def test_there_is_no_text_without_a_kind() -> None:
    named = {f"{kind.value}.txt" for kind in Kind} | {"why.txt", "frame.txt", "frame.html"}
    assert [{path.name for path in (FOLDER / language).iterdir()} for language in LANGUAGES] == [named, named]
