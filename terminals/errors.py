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
