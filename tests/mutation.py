"""Part of `make deep`: the rules library is changed in small ways, one at a time, and a test has to notice each.

Works on a copy, so that nothing in the tree is ever a mutant. Prints the score of each module and the survivors, and
fails where the algebra and the evaluator together come below the goal.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
GOAL = 95.0
"""Per cent of mutants that tests have to notice."""
MODULES = ("period", "truth", "shift", "dated", "figure", "person", "evaluate", "subject", "world", "lint")
"""The algebra, the evaluator, and lint with the worlds that it looks through."""
_ABOVE = ("nearest", "explain", "reads", "group", "stories", "oracle", "table")
TESTS = tuple(f"tests/rules/test_{name}.py" for name in (*MODULES, *_ABOVE))
_NOTICED = {1: "killed", 3: "killed", 36: "timeout", 24: "timeout", 152: "timeout", 255: "timeout", -24: "timeout"}
"""Exit codes of one mutant's tests, as mutmut records them: 0 is a survivor, all others are looked at by hand."""
_CONFTEST = """\
from hypothesis import settings

settings.register_profile("mutation", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("mutation")
"""


def main() -> int:
    """Runs mutmut over the modules that the command line names; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", default=MODULES, metavar="MODULE", help="default: all of them")
    parser.add_argument("--at", type=Path, help="an empty directory to work in and to keep, with all mutants")
    asked = parser.parse_args()
    with TemporaryDirectory() as own:
        at = asked.at or Path(own)
        _furnish(at, asked.modules)
        run = subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count())], cwd=at)
        return run.returncode or _report(at, asked.modules)


def _furnish(at: Path, modules: Iterable[str]) -> None:
    """A copy of the library and its tests, with settings of their own."""
    shutil.copytree(ROOT / "rules", at / "rules")
    shutil.copytree(ROOT / "tests" / "rules", at / "tests" / "rules")
    (at / "tests" / "conftest.py").write_text(_CONFTEST)
    tests = [name for name in TESTS if (at / name).exists()]
    mutated = [f"rules/{name}.py" for name in modules]
    (at / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\n"
        'pythonpath = ["."]\naddopts = "-p no:cacheprovider --import-mode=importlib"\nasyncio_mode = "auto"\n'
        "[tool.mutmut]\n"
        f'source_paths = ["rules"]\nonly_mutate = {json.dumps(mutated)}\n'
        f"pytest_add_cli_args_test_selection = {json.dumps(tests)}\n"
    )


def _report(at: Path, modules: Iterable[str]) -> int:
    total: Counter[str] = Counter()
    for name in modules:
        found = _outcomes(at / "mutants" / "rules" / f"{name}.py.meta")
        counts = Counter(found.values())
        total += counts
        print(f"rules/{name}.py: {_score(counts):.1f} % of {counts.total()}")
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
