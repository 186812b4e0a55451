"""Webhooks: asked for, approved by a colleague, paused, ended; their keys turned over."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from amis.kernel import audit, feed
from amis.kernel.db import Transaction
from amis.kernel.ids import new_id
from amis.kernel.settings import settings
from amis.kernel.way_out import in_development
from amis.outbound.destination import is_listed, read_destination
from amis.outbound.errors import WebhookIncomplete, WebhookOwnApproval, WebhookStateWrong, WebhookUnknown
from amis.outbound.models import Delivery, Webhook, WebhookKey
from amis.outbound.topics import TOPICS
from amis.outbound.webhook_keys import OVERLAP, add_keys


@dataclass(frozen=True, slots=True)
class WebhookDraft:
    """What is asked for; `sender_id` names the source whose own webhook it is, None = anybody's."""

    label: str
    url: str
    topics: Collection[str]
    sender_id: UUID | None = None


async def define_webhook(tx: Transaction, draft: WebhookDraft) -> tuple[Webhook, str]:
    """Asks for a webhook that hears of what happens from now on; also returns its shared secret, this once.

    It is active at once where the host is on the list of the settings or is this machine itself in development; else it
    waits for the approval of a colleague.

    Raises:
        WebhookIncomplete, WebhookAddressRefused
    """
    if not 0 < len(draft.label) <= 100:
        raise WebhookIncomplete(pointer="/label")
    if not draft.topics or not set(draft.topics) <= set(TOPICS):
        raise WebhookIncomplete(pointer="/topics")
    to = read_destination(draft.url, development=in_development(settings().public_url))
    trusted = to.loopback or is_listed(to.host, settings().listed_webhook_hosts)
    webhook = Webhook(
        id=new_id(),
        municipality_id=tx.municipality_id,
        label=draft.label,
        url=draft.url,
        topics=sorted(draft.topics),
        sender_id=draft.sender_id,
        state="active" if trusted else "waiting",
        why="",
        cursor=(await feed.reach(tx)).head,
        made_at=tx.at,
        made_by=_who(tx),
    )
    tx.session.add(webhook)
    await tx.session.flush()
    secret = add_keys(tx, webhook)
    after = {"host": to.host, "topics": webhook.topics, "state": webhook.state}
    await audit.record(tx, "webhook.define", ("webhook", webhook.id), after=after)
    return webhook, secret


async def approve_webhook(tx: Transaction, webhook_id: UUID) -> None:
    """Lets messages go to its address.

    Raises:
        WebhookUnknown, WebhookStateWrong
        WebhookOwnApproval: it is one's own.
    """
    webhook = await _locked(tx, webhook_id, "waiting")
    if webhook.made_by == _who(tx):
        raise WebhookOwnApproval
    webhook.approved_by = _who(tx)
    await _turn(tx, webhook, "active", "webhook.approve")


async def pause_webhook(tx: Transaction, webhook_id: UUID) -> None:
    """Sends nothing for now; what happens meanwhile is sent afterwards.

    Raises:
        WebhookUnknown, WebhookStateWrong
    """
    await _turn(tx, await _locked(tx, webhook_id, "active"), "paused", "webhook.pause")


async def disable_webhook(tx: Transaction, webhook_id: UUID, why: str) -> None:
    """Stops an active webhook whose receiver wants no more; one in another state stays as it is.

    Raises:
        WebhookUnknown
    """
    webhook = await _locked(tx, webhook_id)
    if webhook.state == "active":
        await _turn(tx, webhook, "disabled", "webhook.disable", why)


async def resume_webhook(tx: Transaction, webhook_id: UUID) -> None:
    """Sends again, beginning with what waits.

    Raises:
        WebhookUnknown, WebhookStateWrong
    """
    await _turn(tx, await _locked(tx, webhook_id, "paused", "disabled"), "active", "webhook.resume")


async def end_webhook(tx: Transaction, webhook_id: UUID) -> None:
    """Ends it for good: what waits is given up, nothing is sent any more, and its keys sign nothing.

    Raises:
        WebhookUnknown, WebhookStateWrong
    """
    webhook = await _locked(tx, webhook_id, "waiting", "active", "paused", "disabled")
    for key in await _live_keys(tx, webhook):
        key.ends_at = tx.at
    waiting = (Delivery.municipality_id == tx.municipality_id, Delivery.webhook_id == webhook.id)
    await tx.session.execute(
        update(Delivery).where(*waiting, Delivery.state == "pending").values(state="dead", ended_at=tx.at, lease=None)
    )
    await _turn(tx, webhook, "ended", "webhook.end")


async def rotate_keys(tx: Transaction, webhook_id: UUID) -> str:
    """New keys; the old ones sign beside them for `OVERLAP`, those older still stop now. Returns the shared one.

    Raises:
        WebhookUnknown, WebhookStateWrong
    """
    webhook = await _locked(tx, webhook_id, "waiting", "active", "paused", "disabled")
    for key in await _live_keys(tx, webhook):
        # Receivers look at few signatures of a message: never more than two keys of a kind.
        key.ends_at = tx.at + OVERLAP if key.ends_at is None else tx.at
    secret = add_keys(tx, webhook)
    await audit.record(tx, "webhook.rotate", ("webhook", webhook.id))
    return secret


async def _turn(tx: Transaction, webhook: Webhook, state: str, action: str, why: str = "") -> None:
    before = {"state": webhook.state}
    webhook.state, webhook.why = state, why
    await audit.record(tx, action, ("webhook", webhook.id), before=before, after={"state": state})


async def _locked(tx: Transaction, webhook_id: UUID, *states: str) -> Webhook:
    found = select(Webhook).where(Webhook.id == webhook_id, Webhook.municipality_id == tx.municipality_id)
    webhook = (await tx.session.scalars(found.with_for_update())).one_or_none()
    if webhook is None:
        raise WebhookUnknown
    if states and webhook.state not in states:
        raise WebhookStateWrong(webhook.state)
    return webhook


async def _live_keys(tx: Transaction, webhook: Webhook) -> list[WebhookKey]:
    own = (WebhookKey.municipality_id == tx.municipality_id, WebhookKey.webhook_id == webhook.id)
    return list(
        await tx.session.scalars(
            select(WebhookKey).where(*own, (WebhookKey.ends_at.is_(None)) | (WebhookKey.ends_at > tx.at))
        )
    )


def _who(tx: Transaction) -> str:
    return f"{tx.actor.kind}:{tx.actor.id}"
