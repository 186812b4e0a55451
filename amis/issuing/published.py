"""Status lists as they are published: signed on demand, signed anew when something changed or an hour has passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from cards.cose import Signer
from cards.statuslist import StatusList, sign_status_list

MEDIA_TYPE = "application/statuslist+cwt"
TTL = timedelta(minutes=5)
"""How long a reader may keep a copy without asking again."""
_RENEWED = int(timedelta(hours=1).total_seconds())


@dataclass(frozen=True, slots=True)
class Published:
    """One signed list with the tag by which a reader asks whether it has changed.

    The tag is weak: another process signs the same content with other bytes.
    """

    etag: str
    body: bytes


_latest: dict[int, Published] = {}


def tag(status_list: int, marked: Sequence[tuple[int, int]], signer: Signer, at: datetime) -> str:
    """The weak entity tag (RFC 9110 section 8.8.3) of a list with these marked entries, in this hour, by this key."""
    content = f"{status_list}|{signer.kid.hex()}|{int(at.timestamp()) // _RENEWED}|{list(marked)}"
    return f'W/"{sha256(content.encode()).hexdigest()[:32]}"'


def publish(
    status_list: int, marked: Sequence[tuple[int, int]], signer: Signer, at: datetime, address: str
) -> Published:
    """The Status List Token of a list under `address`/`status_list`; every entry that is not marked is VALID."""
    etag = tag(status_list, marked, signer, at)
    known = _latest.get(status_list)
    if known is not None and known.etag == etag:
        return known
    statuses = StatusList()
    for index, status in marked:
        statuses.set(index, status)
    uri, seconds = f"{address}/{status_list}", int(TTL.total_seconds())
    body = sign_status_list(statuses, signer, uri=uri, at=at, ttl=seconds, aggregation_uri=address)
    _latest[status_list] = Published(etag, body)
    return _latest[status_list]


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether a reader's If-None-Match names the tag (weak comparison, RFC 9110 section 13.1.2)."""
    given = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in given or etag.removeprefix("W/") in given
