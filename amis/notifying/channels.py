"""By which way a message goes: pure."""

from collections.abc import Collection

from amis.notifying.contacts import Reach
from amis.notifying.kinds import Channel

_BY_LAW = (Channel.EMAIL, Channel.POST)
"""Ways by which somebody is told of a lost right whatever they wish."""


def ways(reach: Reach | None, *, legal: bool) -> list[Channel]:
    """The ways to a person in the order in which they are tried, whether or not a provider stands behind them."""
    if reach is None:
        return []
    wished = [] if reach.channel == Channel.NONE else [Channel(reach.channel)]
    wanted = dict.fromkeys([*wished, *(_BY_LAW if legal else ())])
    return [way for way in wanted if reach.by(way)]


def first_way(
    reach: Reach | None, able: Collection[Channel], *, legal: bool, tried: Channel | None = None
) -> Channel | None:
    """The first way behind which a provider stands, after the one that was `tried`; None where there is none."""
    found = ways(reach, legal=legal)
    rest = found[found.index(tried) + 1 :] if tried in found else found
    return next((way for way in rest if way in able), None)
