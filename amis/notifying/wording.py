"""How states, ways, causes and faults of messages are called on pages."""

from collections.abc import Mapping

from amis.notifying.kinds import Channel, State
from amis.web.i18n import mark
from amis.web.labels import Label

STATES: Mapping[str, Label] = {
    State.QUEUED: Label(mark("Waiting"), "clock", "yellow"),
    State.SENT: Label(mark("Was sent"), "tick", "green"),
    State.GIVEN_UP: Label(mark("Not delivered"), "warning", "red"),
    State.CANCELLED: Label(mark("Not needed any more"), "dot", "grey"),
}
WAYS: Mapping[str, str] = {
    "": mark("no way"),
    Channel.EMAIL: mark("e-mail"),
    Channel.SMS: mark("text message"),
    Channel.POST: mark("post"),
}
CAUSES: Mapping[str, str] = {
    "rule": mark("Rule"),
    "terms": mark("Terms of a concession"),
    "suspension": mark("Suspension order"),
    "ranks": mark("Whose word counts"),
}
ERRORS: Mapping[str, str] = {
    "no_way": mark("Nobody knows how the person is reached, or no provider is set up for that way."),
    "unreadable": mark("What was kept is damaged."),
    "not_wanted": mark("The person wants no such messages any more."),
    "died": mark("The person has died."),
    "erased": mark("The person's data are erased."),
}
"""By code; any other text is what the provider said."""
