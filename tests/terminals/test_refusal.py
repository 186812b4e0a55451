from cards import errors
from rules.reason import Reason
from terminals.refusal import REASONS, reason_of


def test_every_refusal_of_a_credential_has_its_reason():
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    refusals = {kind for kind in kinds if issubclass(kind, errors.CredentialRefused)} - {errors.CredentialRefused}
    assert set(REASONS) == refusals


def test_a_refusal_without_a_kind_of_its_own_is_unreadable():
    assert reason_of(errors.CredentialRefused("something else")) is Reason.MALFORMED
