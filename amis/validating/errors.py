"""What can be wrong with a tap or with the places and terminals it comes from."""

from amis.kernel.errors import AmisError, Conflict, Forbidden, Invalid, NotFound, TooLarge, Unauthenticated, Unavailable


class TerminalUnknown(Unauthenticated):
    """The bearer token belongs to no active terminal."""

    code = "terminal_unknown"


class SequenceReused(Invalid):
    """This sequence number was answered for another request; count on."""

    code = "sequence_reused"


class Unrecordable(Invalid):
    """This line cannot be recorded."""

    code = "unrecordable"


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


class ProviderUnknown(NotFound):
    """There is no such provider."""

    code = "provider_unknown"


class PlaceNotFound(NotFound):
    """There is no such place."""

    code = "place_not_found"


class TerminalNotRegistered(NotFound):
    """There is no such terminal."""

    code = "terminal_not_registered"


class PlaceOfAnotherProvider(Invalid):
    """Choose a place of the terminal's own provider."""

    code = "place_of_another_provider"


class BundleGap(AmisError):
    """There is no way from this number to what is published now: take the manifest."""

    code = "bundle_gap"
    status = 410


class PartUnknown(NotFound):
    """The bundle has no such part now: take the manifest."""

    code = "part_unknown"


class BundleNotReady(Unavailable):
    """Nothing is published for this provider yet: try again in a moment."""

    code = "bundle_not_ready"


class ConflictUnknown(NotFound):
    """There is no such conflict."""

    code = "conflict_unknown"


class AlreadySettled(Conflict):
    """This conflict was settled already."""

    code = "already_settled"


class NothingToReverse(Conflict):
    """There is no use to take back: nothing was recorded."""

    code = "nothing_to_reverse"


class NoteMissing(Invalid):
    """Write down why."""

    code = "note_missing"


class AmnestyUnknown(NotFound):
    """There is no such amnesty."""

    code = "amnesty_unknown"


class AmnestyOver(Conflict):
    """This amnesty is over already."""

    code = "amnesty_over"


class AmnestyWithoutDays(Invalid):
    """An amnesty has at least one day from today on, and at most 92 days."""

    code = "amnesty_days"


class TooManyLines(TooLarge):
    """At most 1,000 lines are taken at once."""

    code = "too_many_lines"


class NoLines(Invalid):
    """There is no line in this body."""

    code = "no_lines"


class ReserveUnknown(NotFound):
    """There is no such reserve that is still open."""

    code = "reserve_unknown"


class NothingLeft(Conflict):
    """No unit of this quota is left that could be set aside."""

    code = "nothing_left"


class NotForReserves(Invalid):
    """Units of this right cannot be set aside: it is not the holder's now, or has no count of uses."""

    code = "not_for_reserves"


class MoreThanReserved(Invalid):
    """More was used than had been set aside."""

    code = "more_than_reserved"


class CardNotRead(Conflict):
    """The card was taken away, or could not be read: hold the same card still until there is an answer."""

    code = "card_not_read"


class CardKeysNotGiven(Forbidden):
    """This terminal is to hold no keys of cards."""

    code = "card_keys_not_given"


class CardKeysStay(Conflict):
    """The key store of this service gives no masters away: load them into the terminal's own module in a ceremony."""

    code = "card_keys_stay"


class CardNotOurs(Conflict):
    """This card does not prove that it is one of ours: keep it and report it."""

    code = "card_not_ours"
