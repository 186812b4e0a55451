"""House style: whatever the program says to people, it says in Latvian too."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from amis.web.i18n import LANGUAGES, catalog_paths, read_catalog, translations
from tests.web.messages import asked, error_messages

CATALOGS = [(language, path) for language in LANGUAGES for path in catalog_paths(language)]


def test_every_text_has_a_latvian_translation() -> None:
    known = translations("lv")._catalog
    plain = {key[0] if isinstance(key, tuple) else key for key in known}
    plain |= {key.split("\x04", 1)[1] for key in plain if "\x04" in key}
    missing = [f"{where}: {message!r}" for message, where in asked().items() if message not in plain]
    assert not missing, "without a Latvian translation:\n" + "\n".join(missing)


@pytest.mark.parametrize(("language", "path"), CATALOGS, ids=lambda value: getattr(value, "name", value))
def test_a_catalog_is_whole_and_certain(language: str, path: Path) -> None:
    catalog = read_catalog(path, language)
    assert not [message.id for message in catalog if message.fuzzy and message.id]
    assert not [message.id for message in catalog if message.id and not all(_strings(message.string))]
    assert not [message.id for message in catalog if message.id and not _fits(message, catalog.num_plurals)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_translated_in_two_ways(language: str) -> None:
    said: dict[object, object] = {}
    for path in catalog_paths(language):
        for message in read_catalog(path, language):
            if message.id:
                key = (message.context, message.id)
                assert said.setdefault(key, message.string) == message.string, (path.name, message.id)


def test_messages_of_errors_are_found_by_their_code() -> None:
    source = 'class A(E):\n    """No\n    way."""\n    code = "a"\nclass B(E):\n    """Base."""\n'
    assert error_messages(source) == ["No way."]


def _fits(message: Message, plurals: int) -> bool:
    """Each form names the placeholders of the text, and a text with a plural has all forms.

    Babel's own check takes a per cent sign before a word for a placeholder.
    """
    forms, asked_for = _strings(message.string), set().union(*map(_placeholders, _strings(message.id)))
    return len(forms) == (plurals if message.pluralizable else 1) and all(_placeholders(f) == asked_for for f in forms)


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s", text))


def _strings(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, (tuple, list)) else (str(string),)
