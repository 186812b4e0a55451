"""What a registry is told when its message is refused: `code` is that of the standard's `Error` object."""

from __future__ import annotations

from typing import ClassVar

from sync.errors import SyncError


class RegistryMessageRefused(SyncError):
    """The message of the registry could not be taken."""

    code: ClassVar[str] = "err.request"


class RequestBad(RegistryMessageRefused):
    """The message is not what the standard describes."""

    code: ClassVar[str] = "err.request.bad"


class TransactionUnknown(RegistryMessageRefused):
    """Nothing was asked under this transaction id."""

    code: ClassVar[str] = "err.request.not_found"


class VersionNotSupported(RegistryMessageRefused):
    """Only version 1.0.0 of the messages is understood."""

    code: ClassVar[str] = "err.version.not_supported"


class SenderIdInvalid(RegistryMessageRefused):
    """No registry is known by this sender id."""

    code: ClassVar[str] = "err.sender_id.invalid"


class ReceiverIdInvalid(RegistryMessageRefused):
    """The message is meant for somebody else."""

    code: ClassVar[str] = "err.receiver_id.invalid"


class SignatureMissing(RegistryMessageRefused):
    """The message is not signed."""

    code: ClassVar[str] = "err.signature.missing"


class SignatureInvalid(RegistryMessageRefused):
    """The signature does not fit the message, a known key and the time."""

    code: ClassVar[str] = "err.signature.invalid"


class EncryptionInvalid(RegistryMessageRefused):
    """Encrypted messages are not taken: the connection itself is encrypted."""

    code: ClassVar[str] = "err.encryption.invalid"


class RegistryUnavailable(SyncError):
    """The registry did not answer."""

    code: ClassVar[str] = "registry.unavailable"


class RegistryRefused(SyncError):
    """The registry refused what was asked."""

    code: ClassVar[str] = "registry.refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
