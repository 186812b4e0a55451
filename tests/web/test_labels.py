import pytest

from amis.web.labels import GENERAL, REASONS, TOKEN_STATES, VERDICTS, Label, state_of
from rules.reason import Reason

ALL = [*VERDICTS.values(), *TOKEN_STATES.values(), *GENERAL.values()]


@pytest.mark.parametrize("label", ALL, ids=lambda label: label.text)
def test_every_state_has_a_word_and_an_icon(label: Label) -> None:
    assert label.text
    assert label.icon in {"tick", "cross", "pause", "clock", "warning", "dot"}


def test_verdicts_differ_by_icon_and_not_by_colour_alone() -> None:
    assert len({label.icon for label in VERDICTS.values()}) == len(VERDICTS)


def test_a_state_nobody_named_is_an_error() -> None:
    with pytest.raises(KeyError):
        state_of("token", "melted")


def test_every_reason_is_told_in_its_own_words() -> None:
    assert set(REASONS) == {reason.name for reason in Reason}
    assert len(set(REASONS.values())) == len(REASONS)
