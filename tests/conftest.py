"""The suite: fixtures live in modules by what they need; AMIS_COUNTS (test, check, deep) says how much is tried."""

import os

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.browser",
    "tests.cups",
    "tests.pcscd",
    "tests.postgres",
    "tests.service",
    "tests.softhsm",
    "tests.town",
    "tests.evidence",
]

# No deadline: a slow machine is no failed test. The usual run repeats itself exactly; the larger ones look for news.
settings.register_profile("test", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("check", deadline=None, max_examples=1_000)
settings.register_profile("deep", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("AMIS_COUNTS", "test"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long stories come first, so that no process is left alone with one at the end."""
    items.sort(key=lambda item: item.path.parent.name not in ("walks", "demo"))
