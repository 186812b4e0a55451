"""What is refused when holders are written to; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Invalid, NotFound


class EmailInvalid(Invalid):
    """Enter an e-mail address such as anna.ozola@example.com."""

    code = "contact_email_invalid"


class PhoneInvalid(Invalid):
    """Enter a phone number such as 26123456 or +371 26123456."""

    code = "contact_phone_invalid"


class AddressInvalid(Invalid):
    """A postal address has two to five lines of at most 60 characters."""

    code = "contact_address_invalid"


class LanguageUnknown(Invalid):
    """Choose the language."""

    code = "contact_language_unknown"


class ChannelUnknown(Invalid):
    """Choose how the person wants to be written to."""

    code = "contact_channel_unknown"


class ChannelWithoutAddress(Invalid):
    """Enter where to write to in this way."""

    code = "contact_channel_without_address"


class SettingInvalid(Invalid):
    """Enter a number within the limits."""

    code = "notifying_setting_invalid"


class SenderNameInvalid(Invalid):
    """Enter a name of at most 60 characters in one line."""

    code = "notifying_sender_invalid"


class MessageUnknown(NotFound):
    """There is no such message to a holder."""

    code = "holder_message_unknown"


class MessageNotStuck(Conflict):
    """Only a message that was given up can be sent again."""

    code = "holder_message_not_stuck"


class NothingHeld(Conflict):
    """No news waits for this decision any more."""

    code = "holder_news_not_held"


class NotSent(Exception):
    """A provider did not take a message."""


class Refused(NotSent):
    """It never will: there is no such address, or it takes nothing."""


class Delayed(NotSent):
    """It may take it later."""


class Unreachable(Delayed):
    """The provider itself does not answer: what else it should take waits too."""
