"""The suite's fixtures live in modules by what they need."""

pytest_plugins = ["tests.browser", "tests.postgres", "tests.service", "tests.town"]
