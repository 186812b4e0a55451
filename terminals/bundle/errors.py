"""Every way in which a part of the bundle is refused; what is held stays as it was."""

from terminals.errors import TerminalError


class BundleRefused(TerminalError):
    """What was sent does not go into the bundle."""

    code = "bundle.refused"


class ObjectUnreadable(BundleRefused):
    """The object is not one of the bundle's."""

    code = "bundle.malformed"


class SignatureWrong(BundleRefused):
    """The signature does not match the object."""

    code = "bundle.bad_signature"


class SignerUnknown(BundleRefused):
    """The key that signed the object may not do so."""

    code = "bundle.unknown_signer"


class WrongSize(BundleRefused):
    """The object is larger than it may be, or not as large as was said."""

    code = "bundle.size"


class Rollback(BundleRefused):
    """The object is older than what is held."""

    code = "bundle.rollback"


class Gap(BundleRefused):
    """The change does not follow what is held."""

    code = "bundle.gap"


class WrongState(BundleRefused):
    """The content does not have the digest that was signed for it."""

    code = "bundle.wrong_hash"


class BundleExpired(BundleRefused):
    """The object is past its end."""

    code = "bundle.expired"


class ForeignProvider(BundleRefused):
    """The bundle is another provider's."""

    code = "bundle.foreign_provider"


class NotNamed(BundleRefused):
    """Nothing that is missing has this name."""

    code = "bundle.not_named"


class Incomplete(BundleRefused):
    """Parts that came before are still missing."""

    code = "bundle.incomplete"
