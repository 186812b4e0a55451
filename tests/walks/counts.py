"""How much a proof is asked to show: little in every test run, more in `make check` and `make deep`."""

import os


def count(*, test: int, check: int, deep: int) -> int:
    """The count for this run, as AMIS_COUNTS names it (default: test).

    Raises:
        KeyError: AMIS_COUNTS names no size.
    """
    return {"test": test, "check": check, "deep": deep}[os.environ.get("AMIS_COUNTS", "test")]
