"""The answer to a message of notices, as the API description shows it."""

from pydantic import BaseModel, ConfigDict


class Fault(BaseModel):
    """Why one event was refused: a stable code and the place in the event (RFC 6901)."""

    model_config = ConfigDict(extra="forbid")
    code: str
    pointer: str


class Line(BaseModel):
    """What became of one event, in the order of the request."""

    model_config = ConfigDict(extra="forbid")
    id: str | None
    verdict: str
    error: Fault | None = None


class Verdicts(BaseModel):
    """One line for each event."""

    model_config = ConfigDict(extra="forbid")
    verdicts: list[Line]
