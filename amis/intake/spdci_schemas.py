"""The short answer to a registry, as the standard spells it (`Ack`, and `errors` where HTTP itself refuses)."""

from pydantic import BaseModel

from sync.spdci.ack import Ack, AckStatus


class AckError(BaseModel):
    """A code of the standard's list (`err.*`) and what it means."""

    code: str
    message: str


class AckMessage(BaseModel):
    """ACK: taken and durable. NACK: nothing of it could be taken. ERR: refused."""

    ack_status: AckStatus
    timestamp: str
    correlation_id: str
    error: AckError | None = None


class Acknowledgement(BaseModel):
    """The whole answer."""

    message: AckMessage
    errors: list[AckError] | None = None


def acknowledgement(ack: Ack, *, over_http: bool = False) -> Acknowledgement:
    """The answer as a body; `over_http` repeats the error in the shape that the standard gives refusals with 401."""
    body = Acknowledgement.model_validate(ack.to_json())
    error = body.message.error
    return body.model_copy(update={"errors": [error]}) if over_http and error else body
