"""Every way in which a token, a credential or a key can be refused."""

from typing import ClassVar

from cards.desfire.status import Status


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


class KeyModuleUnavailable(KeyStoreError):
    """The key module (PKCS#11) does not answer, or holds no such token."""

    code: ClassVar[str] = "key_module_unavailable"


class WrongPin(WrongSecret):
    """The PIN does not open the token, or the token is locked."""

    code: ClassVar[str] = "wrong_pin"


class KeyDoubled(KeyStoreError):
    """The token holds one version of a key twice; remove the one that is not in use."""

    code: ClassVar[str] = "key_doubled"


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


class ReaderError(CardsError):
    """The card reader cannot do this."""

    code: ClassVar[str] = "reader_failed"


class CardGone(ReaderError):
    """The card is not on the reader: put the SAME card back."""

    code: ClassVar[str] = "card_gone"


class CardReset(ReaderError):
    """Another program has reset the card: the work on it begins again."""

    code: ClassVar[str] = "card_reset"


class ReaderGone(ReaderError):
    """The card reader is not connected."""

    code: ClassVar[str] = "reader_gone"


class ReaderBusy(ReaderError):
    """Another program is using the card reader."""

    code: ClassVar[str] = "reader_busy"


class ServiceGone(ReaderError):
    """The card reader service (pcscd) is not running, or does not let this program in."""

    code: ClassVar[str] = "reader_service_gone"


class InstructionRefused(ReaderError):
    """The desk does not pass this instruction to a card."""

    code: ClassVar[str] = "instruction_refused"


class ReaderSoftwareMissing(ReaderError):
    """This computer lacks the software for card readers: pip install 'amis-concessions[desk]'."""

    code: ClassVar[str] = "reader_software_missing"


class PairingError(CardsError):
    """This machine cannot work with the service."""

    code: ClassVar[str] = "pairing_failed"


class NotPaired(PairingError):
    """This machine is not paired yet."""

    code: ClassVar[str] = "not_paired"


class PairedAlready(PairingError):
    """This folder holds the key of a paired machine already."""

    code: ClassVar[str] = "paired_already"


class PairingRefused(PairingError):
    """The service refuses the request."""

    code: ClassVar[str] = "pairing_refused"


class MachineRevoked(PairingRefused):
    """The service has withdrawn this machine for good."""

    code: ClassVar[str] = "machine_revoked"


class ServiceUnreachable(PairingError):
    """The service does not answer."""

    code: ClassVar[str] = "service_unreachable"


class DeskTakenOver(PairingError):
    """Another program is connected as this desk."""

    code: ClassVar[str] = "desk_taken_over"


class DeskRequestRefused(PairingError):
    """The service does not do this for the desk."""

    code: ClassVar[str] = "desk_request_refused"


class DeskMessageUnreadable(CardsError):
    """The message between desk and service is not one of this contract."""

    code: ClassVar[str] = "desk_message_unreadable"


class CardFault(CardsError):
    """The card cannot be used as it is."""

    code: ClassVar[str] = "card_fault"


class CardRefused(CardFault):
    """The card refused a command."""

    code: ClassVar[str] = "card_refused"

    def __init__(self, status: Status) -> None:
        super().__init__(f"{status.name} {status:02X}")
        self.status = status


class CardDelayed(CardFault):
    """After failed attempts the card wants a pause: leave it on the reader."""

    code: ClassVar[str] = "card_delayed"


class UnexpectedAnswer(CardFault):
    """The card's answer is not one that a chip of this family gives."""

    code: ClassVar[str] = "unexpected_answer"


class AnswerTooLong(UnexpectedAnswer):
    """The card's answer is longer than one of our cards gives."""

    code: ClassVar[str] = "answer_too_long"


class MacMismatch(CardFault):
    """The card's answer was changed on its way, or is not from the card that took part so far."""

    code: ClassVar[str] = "mac_mismatch"


class AuthenticationFailed(CardFault):
    """The card does not have this key."""

    code: ClassVar[str] = "authentication_failed"


class SessionOver(CardFault):
    """No session with the card is open: authenticate first."""

    code: ClassVar[str] = "session_over"


class WrongProduct(CardFault):
    """This is not a MIFARE DESFire card: take another card."""

    code: ClassVar[str] = "wrong_product"


class ChipTooSmall(CardFault):
    """The chip is too small for this card: take a larger one."""

    code: ClassVar[str] = "chip_too_small"


class CardFull(CardFault):
    """The card has no memory left: take another card."""

    code: ClassVar[str] = "card_full"


class CardDamaged(CardFault):
    """The chip is defective: take another card and put this one aside."""

    code: ClassVar[str] = "card_damaged"


class ForeignCard(CardFault):
    """This card was not made by this system: take another card."""

    code: ClassVar[str] = "foreign_card"


class CardElsewhere(CardFault):
    """This card belongs to another municipality."""

    code: ClassVar[str] = "card_elsewhere"


class Counterfeit(CardFault):
    """The card carries our content and does not have our keys: keep it and report it."""

    code: ClassVar[str] = "counterfeit"


class CardSwapped(CardFault):
    """Another card was put in: put the SAME card back."""

    code: ClassVar[str] = "card_swapped"


class CardTaken(CardFault):
    """This card is already made for somebody else: take another card."""

    code: ClassVar[str] = "card_taken"


class RecordDamaged(CardFault):
    """What is written on the card is not a record of this profile."""

    code: ClassVar[str] = "record_damaged"


class QuotaUsed(CardFault):
    """The quota on the card is used up."""

    code: ClassVar[str] = "card_quota_used"


class UnitsMoved(CardFault):
    """The units on the card have changed meanwhile: look again."""

    code: ClassVar[str] = "card_units_moved"


class PictureRefused(CardsError):
    """This is no picture that a card can carry."""

    code: ClassVar[str] = "picture_refused"


class PowerLost(CardGone):
    """The virtual card has no power."""

    code: ClassVar[str] = "power_lost"


class SavedCardUnreadable(CardsError):
    """The file does not hold a virtual card."""

    code: ClassVar[str] = "saved_card_unreadable"
