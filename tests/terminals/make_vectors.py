"""Writes terminals/vectors/decision.json, by hand after a wanted change: python -m tests.terminals.make_vectors."""

import json
from pathlib import Path

from rules.shape import Json
from tests.terminals.golden import (
    acceptance,
    acceptance_at_terminals,
    acceptance_by_date,
    carried,
    choices,
    counting,
    everybody,
    limits,
    moments_ago,
    periods,
    prices,
    set_aside,
    tokens,
)

FILE = Path(__file__).parents[2] / "terminals" / "vectors" / "decision.json"
_THEMES = (periods, counting, carried, set_aside, prices, limits, choices, tokens, moments_ago, everybody)
_CASES = (acceptance, acceptance_by_date, acceptance_at_terminals)
DECISIONS: list[Json] = [vector for theme in (*_THEMES, *_CASES) for vector in theme.VECTORS]


def written() -> str:
    """The file's text: a vector a line."""
    lines = ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in DECISIONS)
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    FILE.write_text(written())
