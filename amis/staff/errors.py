"""Errors of staff and machines. Machine errors carry the codes of OAuth 2.0 (RFC 6749 section 5.2)."""

from collections.abc import Mapping
from typing import ClassVar

from amis.kernel.errors import AmisError, Conflict, Forbidden, Invalid, Malformed, NotFound


class WeakPassword(Invalid):
    """This password is too easy to guess."""

    code = "weak_password"


class EmailTaken(Conflict):
    """An account with this e-mail address exists already."""

    code = "email_taken"


class BadEmail(Invalid):
    """This is not an e-mail address."""

    code = "bad_email"


class UnknownRole(Invalid):
    """There is no such role."""

    code = "unknown_role"


class UnknownAccount(NotFound):
    """There is no account with this e-mail address."""

    code = "unknown_account"


class UnknownMachine(NotFound):
    """There is no such machine."""

    code = "unknown_machine"


class UnknownMachineKind(Invalid):
    """There is no such kind of machine."""

    code = "unknown_machine_kind"


class MachineStateConflict(Conflict):
    """The machine is in a state that does not allow this."""

    code = "machine_state"


class ForeignOrigin(Forbidden):
    """This request came from another site and was refused."""

    code = "foreign_origin"


class InvalidRequest(Malformed):
    """The request lacks a parameter or has one that cannot be read."""

    code = "invalid_request"


class UnsupportedGrantType(Malformed):
    """Only the grant type client_credentials is supported."""

    code = "unsupported_grant_type"


class InvalidGrant(Malformed):
    """The pairing code is wrong, used or expired."""

    code = "invalid_grant"


class InvalidKey(Invalid):
    """The key must be a public EC key on P-256 (RFC 7517) for ES256."""

    code = "invalid_key"


class InvalidClient(AmisError):
    """The machine could not be authenticated."""

    code = "invalid_client"
    status = 401
    members: ClassVar[Mapping[str, str]] = {"error": "invalid_client"}


class MachineWithdrawn(InvalidClient):
    """This machine was withdrawn for good."""

    code = "machine_withdrawn"
    members = {"error": "invalid_client", "state": "revoked"}  # noqa: RUF012  # the type is in the base class
