"""What can go wrong with a simulation before it begins."""

from terminals.errors import TerminalError


class PlanUnreadable(TerminalError):
    """A partition is written M:FROM-TO: so many terminals, from one second until another."""

    code = "simulator.plan_unreadable"


class FileUnreadable(TerminalError):
    """This file is not what the simulator needs."""

    code = "simulator.file_unreadable"


class NotApproved(TerminalError):
    """Nobody has approved the fingerprints of the fleet."""

    code = "simulator.not_approved"
