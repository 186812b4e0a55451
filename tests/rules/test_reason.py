"""The one list of reasons."""

import pytest

from rules.reason import Colour, Reason

AMBER = {"OK_AMNESTY", "TERMINAL_STALE", "CLOCK", "RIGHTS_CHANGED"}
RED = {
    *("MALFORMED", "UNKNOWN_KEY", "BAD_SIGNATURE", "SCREENSHOT", "PRESENTATION_STALE", "REPLAY", "UNKNOWN_TOKEN"),
    *("TOKEN_NOT_ACTIVE", "TOKEN_BLOCKED", "TOKEN_EXPIRED", "NO_ENTITLEMENT", "ENTITLEMENT_SUSPENDED", "OUT_OF_SCOPE"),
    *("OUT_OF_TIME", "QUOTA_USED", "PASSBACK", "COMPANION_WITHOUT_HOLDER", "ONLINE_REQUIRED"),
}


def test_the_list_is_complete_and_coloured() -> None:
    by_colour = {colour: {each.name for each in Reason if each.colour is colour} for colour in Colour}
    assert by_colour == {Colour.GREEN: {"OK", "OK_EXPIRES_SOON"}, Colour.AMBER: AMBER, Colour.RED: RED}


def test_the_order_is_how_near_to_yes() -> None:
    order = [
        "OK",
        "OK_AMNESTY",
        "QUOTA_USED",
        "OUT_OF_TIME",
        "NO_ENTITLEMENT",
        "TOKEN_BLOCKED",
        "MALFORMED",
    ]
    assert sorted(Reason[name] for name in reversed(order)) == [Reason[name] for name in order]
    assert not Reason.OK


@pytest.mark.parametrize("lang", ["lv", "en"])
def test_every_reason_has_a_short_text_of_its_own(lang: str) -> None:
    texts = {each.text(lang) for each in Reason}
    assert len(texts) == len(Reason)
    assert all(0 < len(text) <= 30 for text in texts)


@pytest.mark.parametrize("lang", ["lv", "en"])
def test_no_text_tells_why_a_person_has_a_right(lang: str) -> None:
    told = " ".join(each.text(lang).lower() for each in Reason)
    assert not any(word in told for word in ("trūcīg", "invalid", "bāreņ", "needy", "disab", "orphan", "pensi"))
