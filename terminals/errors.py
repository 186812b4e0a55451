"""What can go wrong at a terminal: one tree, the docstring is the message, `code` is stable."""

from typing import ClassVar


class TerminalError(Exception):
    """The terminal cannot do this."""

    code: ClassVar[str] = "terminal.failed"

    def __str__(self) -> str:
        detail = super().__str__()
        return f"{self.__doc__} {detail}".strip()


class Refused(TerminalError):
    """The service refuses the request."""

    code = "terminal.refused"


class Unreachable(TerminalError):
    """The service does not answer; the tap is kept and can be sent again."""

    code = "terminal.unreachable"


class AnswerUnreadable(TerminalError):
    """The answer is not one of this contract."""

    code = "terminal.answer_unreadable"


class Revoked(TerminalError):
    """This terminal was withdrawn from service; it has wiped itself."""

    code = "terminal.revoked"


class StoreDamaged(TerminalError):
    """A sealed file of this terminal is damaged, or another key sealed it."""

    code = "store.damaged"


class StoreLocked(TerminalError):
    """The passphrase does not open this terminal's store."""

    code = "store.locked"


class HomeTaken(TerminalError):
    """Another program works with this terminal's folder."""

    code = "store.taken"


class CardTorn(TerminalError):
    """The card was taken away too soon: put the same card back and hold it still."""

    code = "terminal.card_torn"


class JournalFull(TerminalError):
    """The journal cannot be written: the disk is full or broken. Taps are refused until there is space again."""

    code = "journal.full"


class JournalDamaged(TerminalError):
    """The journal is damaged or was changed by somebody else."""

    code = "journal.damaged"


class JournalForeign(TerminalError):
    """The journal is of another pairing: export what it has not sent, then move it away."""

    code = "journal.foreign"


class TokenUnknown(TerminalError):
    """This terminal cannot tell whose token that is."""

    code = "terminal.token_unknown"


class LineUnreadable(TerminalError):
    """This line is no tap."""

    code = "terminal.line_unreadable"
