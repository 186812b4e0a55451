"""The pages of docs/ that are written by the code: `python -m tests.house.generated` writes them anew."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from amis.kernel.settings import Settings
from amis.staff.roles import machine_kinds, machine_permissions, permissions, role_names, role_permissions

DOCS = Path(__file__).parents[2] / "docs"
_NOTE = "This page is written by `python -m tests.house.generated`; a test fails when it is not current."

LIMITS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Bodies and texts",
        (
            ("Body of any request, unless the next lines say otherwise", "amis.kernel.body:DEFAULT_LIMIT", "bytes"),
            ("Body of `POST /sync/v1/events`", "amis.intake.api:BODY_LIMIT", "bytes"),
            ("Events in one such body", "sync.message:MOST_EVENTS", "events"),
            ("File of rows of a sender", "amis.intake.batch_api:BODY_LIMIT", "bytes"),
            ("One that is compressed, once it is not", "sync.inflate:LARGEST", "bytes"),
            ("It may grow by that", "sync.inflate:STEEPEST", "times"),
            ("A line of one", "sync.lines:LONGEST", "bytes"),
            ("Rows of one that are told in one answer", "amis.intake.batch_store:MOST_ROWS", "rows"),
            ("File of a source that is handed over by a page", "amis.intake.upload_pages:LARGEST", "bytes"),
            ("Rows of one", "sync.files:MOST_ROWS", "rows"),
            ("Answer of a source that is asked for changes", "amis.intake.pull:LARGEST", "bytes"),
            ("Refused rows of one in a downloaded list", "amis.intake.batch_view:MOST_TOLD", "rows"),
            ("Refused rows of one that wait singly in quarantine", "amis.intake.chunk_refused:MOST", "rows"),
            ("Withdrawals for which no snapshot is held", "amis.intake.checking:FEW", ""),
            ("Share of what stands that one may withdraw unasked", "amis.intake.checking:SHARE", ""),
            ("Body of a social registry's message", "amis.intake.spdci_api:BODY_LIMIT", "bytes"),
            ("Records in one", "sync.spdci.answers:MOST_RECORDS", "records"),
            ("List of persons for a group", "amis.granting.list_pages:BODY_LIMIT", "bytes"),
            ("Rows of such a list", "amis.register.sheet:MOST_ROWS", "rows"),
            ("Persons of a list who are regranted at once; the worker follows", "amis.granting.listing:AT_ONCE", ""),
            ("Picture of a person", "cards.portrait:LARGEST", "bytes"),
            ("Pixels of one", "cards.portrait:MOST_PIXELS", "pixels"),
            ("Cards in one order to a bureau", "amis.issuing.batches:MOST_CARDS", "cards"),
            ("Answer file of a bureau", "amis.issuing.batch_pages:BODY_LIMIT", "bytes"),
            ("Cards in one movement of stock", "amis.issuing.stock:MOST_PIECES", "cards"),
            ("Upload of taps decided alone", "amis.validating.lines:BODY_LIMIT", "bytes"),
            ("Lines in one", "amis.validating.lines:MOST_LINES", "lines"),
            ("Card snapshot of a terminal's bundle", "terminals.bundle.objects:MOST_CARDS", "bytes"),
            ("Policy of one", "terminals.bundle.objects:MOST_POLICY", "bytes"),
            ("Manifest of one", "terminals.bundle.objects:MOST_MANIFEST", "bytes"),
            ("Delta of one", "terminals.bundle.objects:MOST_DELTA", "bytes"),
            ("Deltas that a terminal keeps beside a manifest", "terminals.bundle.holding:MOST_DELTAS", ""),
            ("Text of a QR code", "cards.credential:LONGEST_TEXT", "characters"),
            ("Depth of CBOR in a credential", "cards.cbor:MAX_DEPTH", "levels"),
            ("Nodes of one rule condition", "rules.condition:MAX_NODES", "nodes"),
            ("Rows of a list or table that comes as a file", "amis.kernel.sheet:MOST_ROWS", "rows"),
            ("Columns of one", "amis.kernel.sheet:MOST_COLUMNS", "columns"),
            ("An XLSX file, unpacked", "amis.kernel.sheet:MOST_BYTES", "bytes"),
            ("Name of a person", "amis.register.people:LONGEST_NAME", "characters"),
            ("Note beside a purpose", "amis.staff.purpose:LONGEST_NOTE", "characters"),
            ("Name of a provider, a place or a terminal", "amis.validating.place_form:LONGEST_NAME", "characters"),
            ("Reason of a step on a terminal", "amis.validating.machine_pages:LONGEST_REASON", "characters"),
            ("Note on a conflict", "amis.validating.conflict_pages:LONGEST_NOTE", "characters"),
            ("E-mail address of a person", "amis.notifying.address:LONGEST_EMAIL", "characters"),
            ("Lines of a postal address", "amis.notifying.address:MOST_LINES", "lines"),
            ("One of them", "amis.notifying.address:LONGEST_LINE", "characters"),
            ("Text message", "amis.notifying.content:LONGEST_SHORT", "characters"),
        ),
    ),
    (
        "Rates and queues",
        (
            ("Look-ups of persons by one member of staff in a minute", "amis.register.lookups:MOST_A_MINUTE", ""),
            ("Persons that one look-up shows", "amis.register.store:MOST_FOUND", ""),
            (
                "Unknown token numbers from one terminal in a minute, in one process",
                "amis.validating.guesses:A_MINUTE",
                "",
            ),
            (
                "Taps that wait in one process; the next one is told to come again",
                "amis.validating.lane:MOST_WAITING",
                "",
            ),
            ("Taps answered in one batch", "amis.validating.lane:LARGEST_BATCH", ""),
            ("Wrong access codes of holders in a minute, in one process", "amis.holder.codes:WRONG_A_MINUTE", ""),
            ("Uses on one page of a holder's phone", "amis.holder.api:RIDES", ""),
            ("Uploads that wait in one process", "amis.validating.uploading:MOST_WAITING", ""),
            ("Entries of the outbox that a worker holds at a time", "amis.kernel.outbox:AT_ONCE", ""),
            ("Of these, done in one transaction", "amis.kernel.draining:TOGETHER", ""),
            ("Entries of the feed in one answer", "amis.outbound.feed_api:MOST_ENTRIES", ""),
            ("Deliveries that wait for one webhook, then the feed waits", "amis.outbound.fan_out:MOST_WAITING", ""),
            ("Messages on their way to one webhook at once", "amis.outbound.claims:AT_ONCE", ""),
            ("Webhooks that one worker sends to at once", "amis.outbound.sending:MOST_WEBHOOKS", ""),
            ("Answer of a webhook's receiver that is read (bytes)", "amis.outbound.posting:MOST_ANSWER", ""),
            ("Entries of the feed that are sent again at once", "amis.outbound.replays:MOST", ""),
            ("Failed sign-ins before the first delay", "amis.staff.attempts:FREE_FAILURES", ""),
            ("First delay after them; it doubles with each further failure", "amis.staff.attempts:_FIRST_DELAY", ""),
            ("Longest delay", "amis.staff.attempts:_LONGEST_DELAY", ""),
        ),
    ),
    (
        "Times",
        (
            ("A worker that is not heard of keeps an entry of the outbox for", "amis.kernel.outbox:LEASE", ""),
            ("What the worker has done can be seen for", "amis.kernel.jobs:KEPT", ""),
            ("An importer that is not heard of keeps its batch for", "amis.intake.batch_lease:LASTS", ""),
            (
                "A batch may be given up half way after so many attempts without progress",
                "amis.intake.batches:STUCK",
                "",
            ),
            ("Files of senders are kept for", "amis.intake.batches:KEPT", ""),
            ("Files that never became a batch are kept for", "amis.intake.keeping:STRAY", ""),
            ("A file from a page waits to be confirmed for", "amis.intake.upload_keeping:WAITING", ""),
            ("A source that is asked for changes has to answer within (seconds)", "amis.intake.pull:TIMEOUT", ""),
            ("A canary is followed for", "amis.intake.canary:FOLLOWED", ""),
            ("It waits for terminals that were heard of within", "amis.intake.canary:LIVE", ""),
            ("Canaries are kept for", "amis.intake.freshness:KEPT", ""),
            ("A source is silent after so many expected intervals", "amis.intake.heartbeat:SILENT_AFTER", ""),
            ("From the password to the second step", "amis.staff.service:CODE_WAIT", ""),
            ("A pairing code holds for", "amis.staff.machine_service:CODE_LASTS", ""),
            ("A worker has for the messages that it took", "amis.notifying.leasing:LEASE", ""),
            ("A provider that does not answer is asked again after", "amis.notifying.settling:SILENCE", ""),
            ("The text of a message to a holder is kept for", "amis.notifying.forgetting:KEPT", ""),
            ("A request at the end of the feed may wait (seconds)", "amis.outbound.feed_api:LONGEST_WAIT", ""),
            ("A webhook's receiver has to answer within (seconds)", "amis.outbound.posting:TIMEOUT", ""),
            ("A worker has for one delivery to a webhook", "amis.outbound.claims:LEASE", ""),
            ("Old keys of a webhook sign beside new ones for", "amis.outbound.webhook_keys:OVERLAP", ""),
            ("A client assertion lives at most", "amis.staff.assertion:LONGEST_LIFE", ""),
            ("A machine's bearer token lives", "amis.staff.machine_tokens:TOKEN_LASTS", ""),
            ("Clocks of a signed message and ours may differ by", "sync.signature:TOLERANCE", ""),
            ("A terminal's clock may be behind by", "amis.validating.item:CLOCK_BEHIND", ""),
            ("A terminal's clock may be ahead by", "amis.validating.item:CLOCK_AHEAD", ""),
            ("A use can be taken back within", "amis.validating.service:REVERSED_WITHIN", ""),
            ("An uploaded tap counts on its own day if it is not older than", "amis.validating.upload_item:OLDEST", ""),
            ("Somebody looks at the clock of one older than", "amis.validating.upload_item:LATE", ""),
            ("Presentations are remembered for", "amis.validating.jobs:REPLAY_KEPT", ""),
            ("A request for changes of the bundle may wait (seconds)", "amis.validating.bundle_api:LONGEST_WAIT", ""),
            ("A stream of changes lasts", "amis.validating.bundle_api:STREAM_LASTS", ""),
            ("Deltas in one answer", "amis.validating.bundle_store:AT_ONCE", ""),
            ("A terminal may follow by deltas for", "amis.validating.jobs:DELTAS_KEPT", ""),
            ("A manifest is valid for", "amis.validating.bundle_version:LASTS", ""),
            ("A manifest is signed anew after", "amis.validating.bundle_version:WHOLE_EVERY", ""),
            ("Different profiles of rights in a card snapshot", "amis.validating.bundle_cards:MOST_PROFILES", ""),
            ("Units are set aside for at most", "amis.validating.reserves:LONGEST", ""),
            ("A list for a card at a terminal is answered within (seconds)", "amis.validating.chip_line:PATIENCE", ""),
            ("An amnesty lasts at most", "amis.validating.amnesty:LONGEST", ""),
            ("A printed token is valid for at most", "amis.issuing.minting:LONGEST", ""),
            ("What is signed for a phone is valid for at most", "amis.issuing.phones:LONGEST", ""),
            ("A holder's access code in a letter holds for", "amis.holder.service:ON_LETTER", ""),
            ("One from the desk", "amis.holder.service:AT_DESK", ""),
            ("A phone's clock may be off by", "amis.holder.proof:WINDOW", ""),
            ("A posted card is deemed lost after", "amis.issuing.handover:DAYS_TO_ARRIVE", "working days"),
            ("A supervisor decides on the loss of this number", "amis.issuing.losses:MANY", ""),
            ("Losses of a person's cards are counted over", "amis.issuing.losses:MONTHS", "months"),
            ("A signed status list counts for", "cards.statuslist:LIFE", ""),
            ("A card torn away may come back to its tap within (seconds)", "terminals.chip_taps:COMES_BACK", ""),
            ("A terminal fetches masters of cards anew each (seconds)", "terminals.running:KEYS_EACH", ""),
            ("A terminal keeps lines that were answered for", "terminals.journal:LINES_KEPT", ""),
            ("It remembers uses of quotas for", "terminals.remembered:UNITS_KEPT", ""),
            ("It says that it is there every", "terminals.running:PRESENCE_EACH", "seconds"),
            ("It believes a long silence only when it has run for", "terminals.running:HEARD_WITHIN", "seconds"),
            ("It asks about a tap, before its first bundle, for", "terminals.agent:ONLINE_MS", "milliseconds"),
            ("Terminals should fetch it again after", "amis.issuing.published:TTL", ""),
            ("A stream of live taps lasts; the browser opens the next", "amis.validating.pages:STREAM_LASTS", ""),
            ("The overview's stream lasts", "amis.validating.dashboard_pages:STREAM_LASTS", ""),
            ("A terminal that is not heard of is silent after", "amis.validating.terminal_store:SILENT_AFTER", ""),
            ("A report's query is stopped after", "amis.reporting.store:TIME_OUT", "milliseconds"),
            ("Months that one report covers at most", "amis.reporting.scope:MOST_MONTHS", "months"),
        ),
    ),
    (
        "Passwords",
        (
            (
                "Shortest password with a second step",
                "amis.staff.passwords:SHORTEST_WITH_CODE",
                "characters",
            ),
            ("Shortest password otherwise", "amis.staff.passwords:SHORTEST", "characters"),
            ("Longest password", "amis.staff.passwords:LONGEST", "characters"),
        ),
    ),
)
"""heading -> (what is limited, module:NAME of the number, unit)"""


_PERMISSIONS = """
Their one source is `amis/staff/permissions.toml`. Every route names the one permission that its caller must hold; an
application with a route that names none does not start. Two marks stand in place of a permission: `public` (anybody may
call) and `self-checked` (the route proves its caller itself: a signature over the body, a terminal's bearer token
resolved with the tap).
"""
_BEYOND = """
Beyond a limit the answer is a problem (RFC 9457): 413 for a body, 422 for a value, 429 for a rate, 503 for a queue; the
last two carry `Retry-After`. A sign-in that comes too early is answered like a wrong password. Limits of a proxy before
the service come on top.
"""


def settings_page() -> str:
    """docs/settings.md"""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "not set" if field.default is None else f"`{field.default}`"
        rows.append((f"`AMIS_{name.upper()}`", default, str(field.description)))
    intro = "Environment variables, read once at the start of each process. None has to be set."
    return _page(["# Settings", "", _NOTE, "", intro, "", *_table(("variable", "default", "meaning"), rows)])


def permissions_page() -> str:
    """docs/permissions.md"""
    roles = {role: role_permissions([role]) for role in role_names()}
    rights = [(f"`{name}`", text, _holders(name, roles)) for name, text in permissions().items()]
    lines = ["# Permissions", "", _NOTE, _PERMISSIONS, "## Who may do what", ""]
    lines += [*_table(("permission", "allows to", "held by"), rights), "", "## Roles of staff", ""]
    return _page([*lines, *_table(("role", "name"), [(f"`{role}`", name) for role, name in role_names().items()])])


def _holders(name: str, roles: dict[str, frozenset[str]]) -> str:
    staff = [role for role, held in roles.items() if name in held]
    machines = [f"{kind} (machine)" for kind in sorted(machine_kinds()) if name in machine_permissions(kind)]
    return ", ".join(staff + machines)


def limits_page() -> str:
    """docs/limits.md"""
    lines = ["# Limits", "", _NOTE, _BEYOND.rstrip()]
    for heading, limits in LIMITS:
        rows = [(text, _shown(value_at(place), unit), f"`{place}`") for text, place, unit in limits]
        lines += ["", f"## {heading}", "", *_table(("what", "limit", "where"), rows)]
    return _page(lines)


def value_at(place: str) -> Any:
    """The value that `module:NAME` names."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _shown(value: Any, unit: str) -> str:
    if isinstance(value, timedelta):
        return _duration(int(value.total_seconds()))
    if unit == "bytes":
        return f"{value // 1024:,} KiB"
    return f"{value:,} {unit}".strip()


def _duration(seconds: int) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(head), _row(("---",) * len(head)), *map(_row, rows)]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _page(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "permissions.md": permissions_page,
    "limits.md": limits_page,
}

if __name__ == "__main__":
    for file, page in PAGES.items():
        (DOCS / file).write_text(page())
