"""What a deep run leaves behind: evidence/deep-<time>.json with commit, seed, counts and the outcome of every test."""

import json
import os
import platform
import subprocess
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


class Evidence:
    """Collects outcomes while the suite runs."""

    def __init__(self, config: pytest.Config) -> None:
        self.began = datetime.now(UTC)
        self.seed = config.getoption("hypothesis_seed", default=None)
        self.outcomes: dict[str, str] = {}
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps how a test ended and how long it took."""
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.nodeid] = report.outcome
            self.seconds[report.nodeid] = round(report.duration, 3)

    def pytest_sessionfinish(self) -> None:
        """Writes the file."""
        folder = ROOT / "evidence"
        folder.mkdir(exist_ok=True)
        content = {
            "commit": _commit(),
            "counts": "deep",
            "seed": self.seed,
            "began": self.began.isoformat(),
            "python": platform.python_version(),
            "outcomes": dict(Counter(self.outcomes.values())),
            "tests": {node: [outcome, self.seconds[node]] for node, outcome in self.outcomes.items()},
        }
        (folder / f"deep-{self.began:%Y%m%dT%H%M%S}.json").write_text(json.dumps(content, indent=1))


def pytest_configure(config: pytest.Config) -> None:
    """Only a deep run leaves evidence."""
    if os.environ.get("AMIS_COUNTS") == "deep":
        config.pluginmanager.register(Evidence(config), "evidence")


def _commit() -> str:
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
