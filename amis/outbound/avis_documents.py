"""What is exchanged about concessions, in the terms of the law on the joint information system of concessions (AVIS).

The shapes are our own and published as a JSON Schema. The message format of AVIS is not public: nothing here claims to
conform to it; whoever connects the two translates these documents.
"""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

_EUROS = r"^-?[0-9]+\.[0-9]{4}$"


class _Document(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Days(_Document):
    """Local days from the first to the last, both included; null = without an end."""

    first: date
    last: date | None


class ReliefInstruction(_Document):
    """Atvieglojuma nosacījumi: what is given to whom, where and when, in one revision of its terms."""

    document: Literal["reliefInstruction"] = "reliefInstruction"
    grantor: str
    concession: str
    revision: int
    name: str
    legal_basis: str
    funder: str
    days: Days
    discount: dict[str, Any]
    quota: list[Any] | dict[str, Any] | None
    terms: dict[str, Any]


class Assignment(_Document):
    """Piešķirtais atvieglojums: a concession that a person has; `person` is opaque and the same in all documents."""

    document: Literal["assignment"] = "assignment"
    id: UUID
    person: UUID
    grantor: str
    concession: str
    days: list[Days]
    suspended: list[Days]


class MeansOfIdentification(_Document):
    """Identifikācijas līdzeklis: what a person shows; `number` is what is read from it."""

    document: Literal["meansOfIdentification"] = "meansOfIdentification"
    id: UUID
    person: UUID
    kind: Literal["card", "qr", "eid"]
    number: str
    state: str
    days: Days


class UseReport(_Document):
    """Izmantotais atvieglojums: one use, or one taken back (`reverses`)."""

    document: Literal["useReport"] = "useReport"
    id: UUID
    at: datetime
    provider: str
    place: str | None
    grantor: str
    concession: str | None
    gross: str = Field(pattern=_EUROS)
    payable: str = Field(pattern=_EUROS)
    discount: str = Field(pattern=_EUROS)
    companions: int
    reverses: UUID | None


class Settlement(_Document):
    """Norēķins: what a provider's month came to for one funder; `kind` says whether it is uses or a correction."""

    document: Literal["settlement"] = "settlement"
    month: str = Field(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")
    state: Literal["open", "closed"]
    kind: Literal["uses", "recover", "written_off"]
    provider: str
    grantor: str | None
    concession: str | None
    funder: str
    uses: int
    discount: str = Field(pattern=_EUROS)


Document = ReliefInstruction | Assignment | MeansOfIdentification | UseReport | Settlement


def json_schema() -> dict[str, Any]:
    """The published schema (draft 2020-12): a document is one of the five."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "AMIS concession documents, version 1"}
    return head | TypeAdapter(Document).json_schema()
