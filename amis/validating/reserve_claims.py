"""The right that a terminal asks to set units aside of, as a tap of its holder would find it now."""

from asyncio import get_running_loop

import msgspec

from amis.kernel.db import Transaction
from amis.validating.body import Shown, TapBody, TokenText
from amis.validating.claims import KnownTerms, Row, TermsRevision, holder_of
from amis.validating.errors import TerminalUnknown
from amis.validating.item import Item
from amis.validating.ledger import Asked, Asking
from amis.validating.revisions import learn
from amis.validating.shown import examine
from amis.validating.trusted import Trusted
from amis.validating.upload_store import connection
from rules.claim import TokenState

_trusted = Trusted()
_known = KnownTerms()


async def right_of(
    tx: Transaction, bearer: str, sha: str, seq: int, token: TokenText | Shown, public_code: int
) -> tuple[list[Row], TermsRevision | None]:
    """The claims of the holder's right with that public code, and its revision; None where there is none to count.

    Raises:
        TerminalUnknown
    """
    evidence = examine(token, _trusted.current(tx.at), tx.at)
    body = TapBody(seq, token, tx.at, "0")
    item = Item(body, sha, bearer, evidence, tx.at, tx.request_id, get_running_loop().create_future())
    rows, database = await claims_of(tx, item), await connection(tx)
    if missing := _known.missing(rows):
        await learn(database, _known, missing)
    if evidence.refused is not None or not _usable(item, rows, evidence.municipality):
        return rows, None
    mine = [row for row in rows if (found := _known.of(row)) is not None and found.public_code == public_code]
    revision = _known.of(mine[0]) if mine and not mine[0].universal else None
    counted = revision is not None and revision.quota is not None and revision.quota.amount is None
    return (mine, revision) if counted else (rows, None)


async def claims_of(tx: Transaction, item: Item) -> list[Row]:
    """The claims of one tap, outside of a lane.

    Raises:
        TerminalUnknown
    """
    database = await connection(tx)
    asking = msgspec.json.encode(Asking(tx.at, [Asked.of(0, item)])).decode()
    async with database.cursor(binary=True) as cursor:
        await cursor.execute("SELECT * FROM tap_claims(%s::json)", (asking,))
        rows = [Row._make(row) for row in await cursor.fetchall()]
    if not rows or rows[0].terminal_id is None:
        raise TerminalUnknown
    return rows


def _usable(item: Item, rows: list[Row], issuer: str | None) -> bool:
    holder = holder_of(rows, item.day, issuer, _known)
    return rows[0].person_id is not None and holder.token_state is TokenState.ACTIVE
