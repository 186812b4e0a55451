"""Three values, day by day."""

from datetime import date
from itertools import product

import pytest

from rules.period import ALWAYS, EMPTY
from rules.truth import NEVER_KNOWN, Truth, either, every, known

DAY = date(2026, 3, 1)
VALUES = {True: Truth(ALWAYS, EMPTY), False: Truth(EMPTY, ALWAYS), None: NEVER_KNOWN}


@pytest.mark.parametrize(("a", "b"), list(product(VALUES, VALUES)))
def test_the_tables_are_those_of_kleene(a: bool | None, b: bool | None) -> None:
    order = [False, None, True]
    least, most = sorted((a, b), key=order.index)
    assert every((VALUES[a], VALUES[b])).at(DAY) is least
    assert either((VALUES[a], VALUES[b])).at(DAY) is most
    assert (~VALUES[a]).at(DAY) is order[2 - order.index(a)]


def test_nothing_joined_is_always_and_never() -> None:
    assert every(()) == known(ALWAYS)
    assert either(()) == known(EMPTY)
