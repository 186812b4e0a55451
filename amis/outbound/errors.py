"""Errors of what flows out."""

from amis.kernel.errors import AmisError, Conflict, Forbidden, Invalid, NotFound


class FeedGone(AmisError):
    """The feed no longer goes back that far: take the present state anew and read on from its head."""

    code = "feed_gone"
    status = 410


class WebhookUnknown(NotFound):
    """There is no such webhook."""

    code = "webhook_unknown"


class WebhookAddressRefused(Invalid):
    """Messages may not be sent to this address."""

    code = "webhook_address_refused"


class WebhookIncomplete(Invalid):
    """A webhook needs a name and at least one kind of message."""

    code = "webhook_incomplete"


class WebhookStateWrong(Conflict):
    """The webhook is not in a state in which this can be done."""

    code = "webhook_state_wrong"


class WebhookOwnApproval(Forbidden):
    """Whoever asked for a webhook does not approve it."""

    code = "webhook_own_approval"


class DeliveryUnknown(NotFound):
    """There is no such delivery."""

    code = "delivery_unknown"


class ReplayEmpty(Invalid):
    """Nothing lies in this range that could be sent again."""

    code = "replay_empty"


class DeliveryFailed(AmisError):
    """The receiver could not be reached."""

    code = "delivery_failed"
    status = 502


class ExportUnknown(NotFound):
    """There is no such provider or month to export."""

    code = "export_unknown"
