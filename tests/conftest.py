"""The suite: fixtures live in modules by what they need; AMIS_COUNTS (test, check, deep) says how much is tried."""

import os

from hypothesis import settings

pytest_plugins = ["tests.browser", "tests.postgres", "tests.service", "tests.town", "tests.evidence"]

# No deadline: a slow machine is no failed test. The usual run repeats itself exactly; the larger ones look for news.
settings.register_profile("test", deadline=None, derandomize=True)
settings.register_profile("check", deadline=None, max_examples=1_000)
settings.register_profile("deep", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("AMIS_COUNTS", "test"))
