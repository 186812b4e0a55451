"""The main menu: each entry with the permission that shows it."""

from dataclasses import dataclass

from amis.kernel.actor import Actor
from amis.web.i18n import mark


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `permission` opens it, `label` is a marked English text."""

    permission: str
    url: str
    label: str
    beside: tuple[str, ...] = ()
    """Addresses of pages that belong to this entry too."""

    def covers(self, path: str) -> bool:
        """Whether `path` is one of its pages or one below them."""
        return any(path == url or path.startswith(url + "/") for url in (self.url, *self.beside))


ENTRIES = (
    Entry("person.read", "/persons", mark("Persons")),
    Entry("group.read", "/groups", mark("Groups")),
    Entry("concession.read", "/concessions", mark("Concessions")),
    Entry("rule.read", "/rules", mark("Rules")),
    Entry("rule.read", "/suspensions", mark("Suspension orders")),
    Entry("application.read", "/applications", mark("Applications")),
    Entry("token.read", "/tokens", mark("Tokens")),
    Entry("token.read", "/card-requests", mark("Applications for cards")),
    Entry("card.produce", "/desk", mark("Desk")),
    Entry("stock.read", "/stock", mark("Blank cards")),
    Entry("validation.read", "/live", mark("Taps"), ("/taps", "/conflicts", "/amnesties")),
    Entry("validation.read", "/terminals", mark("Terminals"), ("/providers", "/places", "/desks")),
    Entry("intake.read", "/notices", mark("Notices")),
    Entry("message.read", "/messages", mark("Messages to holders")),
    Entry("feed.read", "/feed", mark("Outbound"), ("/webhooks", "/exports")),
    Entry("report.read", "/reports", mark("Reports")),
)


def for_actor(actor: Actor | None) -> list[Entry]:
    """The entries that `actor` may open; none for somebody not signed in."""
    return [entry for entry in ENTRIES if actor is not None and actor.may(entry.permission)]
