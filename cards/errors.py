"""Every way in which a token, a credential or a key can be refused."""

from typing import ClassVar


class CardsError(Exception):
    """Something about an identification token is wrong."""

    code: ClassVar[str] = "cards_error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        message = (type(self).__doc__ or "").strip()
        return f"{message} ({self.detail})" if self.detail else message


class CredentialRefused(CardsError):
    """The credential is not acceptable."""

    code: ClassVar[str] = "credential_refused"


class Malformed(CredentialRefused):
    """The text or the bytes are not a well-formed credential."""

    code: ClassVar[str] = "malformed"


class UnknownKey(CredentialRefused):
    """The trust list holds no key that may have signed this."""

    code: ClassVar[str] = "unknown_key"


class BadSignature(CredentialRefused):
    """The signature does not match the content."""

    code: ClassVar[str] = "bad_signature"


class Expired(CredentialRefused):
    """The credential is past its end."""

    code: ClassVar[str] = "token_expired"


class NotYetValid(CredentialRefused):
    """The credential begins later."""

    code: ClassVar[str] = "not_yet_valid"


class Screenshot(CredentialRefused):
    """A device-bound credential was shown without its device."""

    code: ClassVar[str] = "screenshot"


class PresentationStale(CredentialRefused):
    """The phone's presentation is too old or from the future."""

    code: ClassVar[str] = "presentation_stale"


class WrongCarrier(CredentialRefused):
    """The credential belongs inside another medium."""

    code: ClassVar[str] = "wrong_carrier"


class RightNotAllowed(CredentialRefused):
    """The key may not grant a right that the credential claims."""

    code: ClassVar[str] = "right_not_allowed"


class Unencodable(CardsError):
    """The content cannot be put into this format."""

    code: ClassVar[str] = "unencodable"


class BadTrustEntry(CardsError):
    """An entry of the trust list contradicts itself or another entry."""

    code: ClassVar[str] = "bad_trust_entry"


class IllegalTransition(CardsError):
    """A token in this state does not take this step."""

    code: ClassVar[str] = "illegal_transition"


class KeyStoreError(CardsError):
    """The key store cannot do this."""

    code: ClassVar[str] = "key_store_error"


class WrongSecret(KeyStoreError):
    """The secret does not open the key file, or the file was changed."""

    code: ClassVar[str] = "wrong_secret"


class KeyFileDamaged(KeyStoreError):
    """The key file is truncated or is not a key file."""

    code: ClassVar[str] = "key_file_damaged"


class KeyFileExists(KeyStoreError):
    """A key file is already there and is never overwritten."""

    code: ClassVar[str] = "key_file_exists"


class KeyFileMissing(KeyStoreError):
    """The key file is not there or cannot be read."""

    code: ClassVar[str] = "key_file_missing"


class NoSuchKey(KeyStoreError):
    """The key store has no such key or version of it."""

    code: ClassVar[str] = "no_such_key"


class KeyExists(KeyStoreError):
    """The key store already has a key of this name."""

    code: ClassVar[str] = "key_exists"


class WrongKeyUse(KeyStoreError):
    """This kind or state of key does not do this."""

    code: ClassVar[str] = "wrong_key_use"


class UnwrapFailed(KeyStoreError):
    """The wrapped bytes were changed, or belong to another place or key."""

    code: ClassVar[str] = "unwrap_failed"
