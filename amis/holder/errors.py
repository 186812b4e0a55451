"""What holders are told when something does not work; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Invalid, TooManyRequests, Unauthenticated


class CodeRefused(Invalid):
    """This access code does not work: check it, or ask the municipality for a new one."""

    code = "holder_code_refused"


class TooManyCodes(TooManyRequests):
    """Too many access codes were tried: wait a minute."""

    code = "holder_too_many_codes"


class ProofRefused(Unauthenticated):
    """The phone did not prove that it holds its key."""

    code = "holder_proof_refused"


class ClockOff(Unauthenticated):
    """The clock of the phone is off: set its date and time."""

    code = "holder_clock_off"


class ProofReused(Unauthenticated):
    """This request was sent before; each one is proved anew."""

    code = "holder_proof_reused"


class DeviceUnknown(Unauthenticated):
    """This phone is not in use: ask the municipality for a new access code."""

    code = "holder_device_unknown"


class DeviceInUse(Conflict):
    """This key belongs to a phone already: make a new one."""

    code = "holder_device_in_use"


class TokenIsBlocked(Conflict):
    """The code of this phone is blocked: ask the municipality."""

    code = "holder_token_blocked"


class TokenHasEnded(Conflict):
    """The code of this phone has ended: ask the municipality for a new access code."""

    code = "holder_token_ended"


class NotForPhone(Conflict):
    """Only an active token on paper or on a phone can be taken onto a phone."""

    code = "holder_not_for_phone"


class NotSeen(Invalid):
    """Say that you have seen an identity document of the holder."""

    code = "holder_not_seen"


class PageUnknown(Invalid):
    """There is no such page of the list."""

    code = "holder_page_unknown"
