"""The tree of errors, in every package of the service."""

import importlib
import pkgutil
from collections import Counter

import pytest

import amis
from amis.kernel.errors import AmisError, Invalid, NotFound


def _all(known: type[AmisError]) -> list[type[AmisError]]:
    return [known, *(below for child in known.__subclasses__() for below in _all(child))]


@pytest.fixture(scope="module")
def tree() -> list[type[AmisError]]:
    for module in pkgutil.walk_packages(amis.__path__, "amis."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    return [each for each in _all(AmisError) if each.__module__.startswith("amis.")]


def test_the_docstring_is_the_message() -> None:
    assert NotFound().title == "There is no such record."
    assert str(NotFound()) == "There is no such record."
    assert str(NotFound("token 7")) == "token 7"
    assert Invalid("too long", pointer="/name").pointer == "/name"


def test_every_error_has_its_own_message_and_code_and_an_http_status(tree: list[type[AmisError]]) -> None:
    assert len(tree) > 20
    assert [each.__name__ for each in tree if not each.__doc__ or not each.__doc__.strip().endswith(".")] == []
    assert [each.__name__ for each in tree if not 400 <= each.status < 600] == []
    codes = Counter(each.code for each in tree)
    assert [code for code, count in codes.items() if count > 1] == []
