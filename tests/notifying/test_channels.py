"""By which way a message goes."""

import pytest

from amis.notifying.channels import first_way, ways
from amis.notifying.contacts import Reach
from amis.notifying.kinds import Channel

FULL = Reach("a@inbox.example", "+37126123456", "Iela 1\nJelgava", "lv")
EMAIL, SMS, POST, NONE = Channel.EMAIL, Channel.SMS, Channel.POST, Channel.NONE


def wishing(channel: Channel, *, without: str = "") -> Reach:
    """Somebody reached by everything but one, who wants one way."""
    known = {"email": FULL.email, "phone": FULL.phone, "address": FULL.address} | ({without: ""} if without else {})
    return Reach(**known, language="lv", channel=channel)


@pytest.mark.parametrize(
    ("reach", "courtesy", "legal"),
    [
        (wishing(EMAIL), [EMAIL], [EMAIL, POST]),
        (wishing(SMS), [SMS], [SMS, EMAIL, POST]),
        (wishing(POST), [POST], [POST, EMAIL]),
        (wishing(NONE), [], [EMAIL, POST]),
        (wishing(NONE, without="email"), [], [POST]),
        (Reach(), [], []),
        (None, [], []),
    ],
)
def test_a_courtesy_goes_by_the_wished_way_and_a_lost_right_by_any(
    reach: Reach | None, courtesy: list[Channel], legal: list[Channel]
) -> None:
    assert ways(reach, legal=False) == courtesy
    assert ways(reach, legal=True) == legal


def test_a_way_without_a_provider_is_passed_over_and_one_that_failed_too() -> None:
    reach = wishing(SMS)
    assert first_way(reach, {POST, SMS}, legal=True) == SMS
    assert first_way(reach, {POST, SMS}, legal=True, tried=SMS) == POST
    assert first_way(reach, {POST, EMAIL}, legal=False) is None
    assert first_way(reach, set(Channel), legal=True, tried=POST) is None
