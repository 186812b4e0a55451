"""Part of `make deep`: libraries are changed in small ways, one at a time, and a test has to notice each.

Works on a copy, so that nothing in the tree is ever a mutant. Prints the score of each module and the survivors, and
fails where the modules of one library together come below the goal.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
GOAL = 95.0
"""Per cent of mutants that tests have to notice."""


class Library(NamedTuple):
    """A folder, its modules that are changed, and the test files that have to notice."""

    folder: str
    modules: Sequence[str]
    tests: Sequence[str]

    @property
    def package(self) -> str:
        return self.folder.partition("/")[0]


_RULES = ("period", "truth", "shift", "dated", "figure", "person", "evaluate", "subject", "world", "lint")
_CARD = ("authenticate", "commands", "crypto", "ev1", "ev2", "exchange", "frames", "procedure", "session", "version")
LIBRARIES = {
    # the algebra, the evaluator, and lint with the worlds that it looks through
    "rules": Library("rules", _RULES, (*_RULES, "nearest", "explain", "reads", "group", "stories", "oracle", "table")),
    # what a chip is told and what it is believed
    "desfire": Library("cards/desfire", _CARD, (*_CARD, "other_client", "status")),
}
_NOTICED = {1: "killed", 3: "killed", 36: "timeout", 24: "timeout", 152: "timeout", 255: "timeout", -24: "timeout"}
"""Exit codes of one mutant's tests, as mutmut records them: 0 is a survivor, all others are looked at by hand."""
_CONFTEST = """\
from hypothesis import settings

settings.register_profile("mutation", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("mutation")
"""


def main() -> int:
    """Runs mutmut over the libraries or modules that the command line names; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--of", choices=LIBRARIES, help="one library; default: all of them")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="of that library; default: all of its list")
    parser.add_argument("--at", type=Path, help="an empty directory to work in and to keep, with all mutants")
    asked = parser.parse_args()
    codes = []
    for name in [asked.of] if asked.of else LIBRARIES:
        library = LIBRARIES[name]
        codes.append(_run(library._replace(modules=asked.modules or library.modules), asked.at and asked.at / name))
    return max(codes)


def _run(library: Library, at: Path | None) -> int:
    with TemporaryDirectory() as own:
        place = at or Path(own)
        _furnish(place, library)
        run = subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count())], cwd=place)
        return run.returncode or _report(place, library)


def _furnish(at: Path, library: Library) -> None:
    """A copy of the package and the library's tests, with settings of their own."""
    shutil.copytree(ROOT / library.package, at / library.package)
    shutil.copytree(ROOT / "tests" / library.folder, at / "tests" / library.folder)
    (at / "tests" / "conftest.py").write_text(_CONFTEST)
    tests = [f"tests/{library.folder}/test_{name}.py" for name in library.tests]
    mutated = [f"{library.folder}/{name}.py" for name in library.modules]
    (at / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\n"
        'pythonpath = ["."]\naddopts = "-p no:cacheprovider --import-mode=importlib"\nasyncio_mode = "auto"\n'
        "[tool.mutmut]\n"
        f'source_paths = ["{library.package}"]\nonly_mutate = {json.dumps(mutated)}\n'
        f"pytest_add_cli_args_test_selection = {json.dumps([name for name in tests if (at / name).exists()])}\n"
    )


def _report(at: Path, library: Library) -> int:
    total: Counter[str] = Counter()
    for name in library.modules:
        found = _outcomes(at / "mutants" / library.folder / f"{name}.py.meta")
        counts = Counter(found.values())
        total += counts
        print(f"{library.folder}/{name}.py: {_score(counts):.1f} % of {counts.total()}")
        for mutant in sorted(mutant for mutant, outcome in found.items() if outcome == "survived"):
            print(f"  {mutant}")
    print(f"together: {_score(total):.1f} % of {total.total()} noticed; the goal is {GOAL:g} %")
    return 0 if total and _score(total) >= GOAL else 1


def _outcomes(meta: Path) -> dict[str, str]:
    codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
    return {mutant: "survived" if code is None else _NOTICED.get(code, "survived") for mutant, code in codes.items()}


def _score(counts: Counter[str]) -> float:
    return 100 * (1 - counts["survived"] / max(counts.total(), 1))


if __name__ == "__main__":
    sys.exit(main())
