"""What can be wrong with a tap or with the places and terminals it comes from."""

from amis.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated


class TerminalUnknown(Unauthenticated):
    """The bearer token belongs to no active terminal."""

    code = "terminal_unknown"


class SequenceReused(Invalid):
    """This sequence number was answered for another request; count on."""

    code = "sequence_reused"


class PlaceUnknown(Invalid):
    """The terminal's provider has no such place."""

    code = "place_unknown"


class NoUseToReverse(NotFound):
    """The sequence number names no use of this terminal."""

    code = "no_use"


class AlreadyReversed(Conflict):
    """This use was taken back already."""

    code = "already_reversed"


class TooLateToReverse(Conflict):
    """A use can be taken back for a few minutes only."""

    code = "too_late"


class AlreadyThere(Conflict):
    """This is already registered."""

    code = "already_there"
