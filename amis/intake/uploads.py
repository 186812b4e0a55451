"""Files that people hand over: kept sealed, read as their profile says, and made a batch once they are confirmed."""

import json
from asyncio import to_thread
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from amis.intake import batches, store, upload_sheet
from amis.intake.batches import Delivery
from amis.intake.errors import UploadChanged, UploadUnknown, UploadUnreadable, UploadWithoutHeading
from amis.intake.models import Sender
from amis.intake.raw_files import Incoming, Stored, read_blocks
from amis.intake.upload_models import Upload
from amis.intake.upload_rows import Prospect, given_for, judged, known_of, point_of, prospect
from amis.kernel import audit
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.ids import new_id
from sync.errors import ColumnsMismatch, FileUnreadable, ProfileInvalid
from sync.files import Table
from sync.headings import names
from sync.profile import Profile, fitted, heading_of, lines, profile_from_json

_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """An upload as it would be taken: its rows, the names of its columns, and which of them are used for what."""

    upload: Upload
    sender: Sender
    profile: Profile
    table: Table
    heading: int
    present: list[str]
    columns: dict[str, str]
    prospect: Prospect | None
    """None until it is said which column has the personal codes."""

    @property
    def shown(self) -> str:
        """What a confirmation is of: this file, read in this way."""
        return f"{self.upload.sha256.hex()} {json.dumps(self.profile.to_json(), sort_keys=True)}"


def keep(folder: Path, content: bytes) -> Stored:
    """Seals a file; it is deleted after a day unless an upload or a batch names it."""
    incoming = Incoming(folder, new_id())
    try:
        incoming.write(content)
        return incoming.finish()
    finally:
        incoming.discard()


async def take(tx: Transaction, sender_id: UUID, stored: Stored, name: str) -> Upload:
    """Remembers a file, to be read as the last one of this source was.

    Raises:
        SenderUnknown
    """
    sender = await store.get_sender(tx, sender_id)
    upload = Upload(
        id=stored.id,
        municipality_id=tx.municipality_id,
        sender_id=sender.id,
        actor=_who(tx.actor),
        name=_plain(name),
        sha256=stored.sha256,
        size=stored.size,
        raw_key=stored.wrapped,
        profile=saved_profile(sender).to_json(),
        received_at=tx.at,
    )
    tx.session.add(upload)
    await tx.session.flush()
    about = {"source": sender.source, "sha256": stored.sha256.hex()}
    await audit.record(tx, "notice_upload.receive", ("notice_upload", upload.id), after=about)
    return upload


def saved_profile(sender: Sender) -> Profile:
    """How the last file of this source was read; one that cannot be understood any more is forgotten."""
    try:
        return profile_from_json(sender.profile or {})
    except ProfileInvalid:
        return Profile()


async def get_upload(tx: Transaction, upload_id: UUID, *, lock: bool = False) -> Upload:
    """A file of this municipality that is still there.

    Raises:
        UploadUnknown
    """
    query = select(Upload).where(
        Upload.municipality_id == tx.municipality_id, Upload.id == upload_id, Upload.raw_gone_at.is_(None)
    )
    found = await tx.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise UploadUnknown
    return found


async def own_upload(tx: Transaction, upload_id: UUID, *, lock: bool = False) -> Upload:
    """A file that this person handed over: nobody else decides on it.

    Raises:
        UploadUnknown
    """
    found = await get_upload(tx, upload_id, lock=lock)
    if not is_own(tx.actor, found):
        raise UploadUnknown
    return found


def is_own(actor: Actor, upload: Upload) -> bool:
    """Whether it was handed over by this person."""
    return upload.actor == _who(actor)


async def note_reading(tx: Transaction, upload_id: UUID, purpose: str) -> None:
    """Remembers that somebody other than who handed it over looked at a file, and what for."""
    await audit.record(tx, "notice_upload.read", ("notice_upload", upload_id), reason=purpose)


async def look(actor: Actor, folder: Path, upload_id: UUID, profile: Profile | None = None) -> View:
    """What the file would do, read as its own profile says or as `profile` does; nothing is changed.

    Raises:
        UploadUnknown, UploadUnreadable
    """
    async with transaction(actor) as tx:
        upload = await get_upload(tx, upload_id)
        sender = await store.get_sender(tx, upload.sender_id)
    chosen = profile or profile_from_json(upload.profile)
    table = await to_thread(_read, folder, upload, chosen)
    heading = _heading(chosen, table)
    present, columns = names(table.rows, heading), fitted(chosen, table.rows)
    expected = await _expected(actor, upload, sender, chosen, table) if "code" in columns else None
    return View(upload, sender, chosen, table, heading, present, columns, expected)


def heading_in(content: bytes, profile: Profile) -> int:
    """The place of the row of headings, before anything is kept.

    Raises:
        UploadUnreadable: nothing can be made of the file.
    """
    return _heading(profile, upload_sheet.read(content, profile))


async def read_as(tx: Transaction, upload_id: UUID, profile: Profile) -> None:
    """Changes how the file is to be read.

    Raises:
        UploadUnknown, UploadChanged: it is a batch already.
    """
    upload = await own_upload(tx, upload_id, lock=True)
    if upload.batch_id is not None:
        raise UploadChanged
    upload.profile = profile.to_json()


async def confirm(actor: Actor, folder: Path, upload_id: UUID, shown: str) -> UUID:
    """Makes the file a batch, as it was shown, and remembers how it was read; the batch that it is if it is one.

    Raises:
        UploadUnknown, UploadUnreadable, UploadChanged: it would not be taken as it was shown.
    """
    view = await look(actor, folder, upload_id)
    if view.upload.batch_id is not None:
        return view.upload.batch_id
    if view.prospect is None:
        raise UploadChanged
    stored = await to_thread(keep, folder, view.prospect.content())
    async with transaction(actor) as tx:
        upload = await own_upload(tx, upload_id, lock=True)
        if upload.batch_id is not None:
            return upload.batch_id
        if view.shown != shown or upload.profile != view.upload.profile:
            raise UploadChanged
        return await _made(tx, upload, view, view.prospect, stored)


async def discard(tx: Transaction, upload_id: UUID) -> None:
    """Forgets a file that was not confirmed; the file itself goes within a day.

    Raises:
        UploadUnknown, UploadChanged: it is a batch already.
    """
    upload = await own_upload(tx, upload_id, lock=True)
    if upload.batch_id is not None:
        raise UploadChanged
    await tx.session.delete(upload)
    await audit.record(tx, "notice_upload.discard", ("notice_upload", upload.id))


async def _made(tx: Transaction, upload: Upload, view: View, expected: Prospect, stored: Stored) -> UUID:
    sender = await store.get_sender(tx, upload.sender_id)
    delivery = Delivery(view.profile.kind, "ndjson", "upload", as_of=expected.as_of, name=upload.name)
    batch = await batches.receive(tx, sender, stored, delivery)
    # the next file may have its headings in another row; they are found by their names
    sender.profile = view.profile.to_json() | {"columns": _chosen(view), "heading": 0}
    upload.batch_id = batch.id
    after = {"batch": str(batch.id), "sha256": upload.sha256.hex(), "rows": len(expected.rows)}
    await audit.record(tx, "notice_upload.confirm", ("notice_upload", upload.id), after=after)
    return batch.id


def _chosen(view: View) -> dict[str, str]:
    """The columns as they were used, and what was left out on purpose."""
    left_out = {what: "" for what, column in view.profile.columns.items() if not column}
    return left_out | view.columns


async def _expected(actor: Actor, upload: Upload, sender: Sender, profile: Profile, table: Table) -> Prospect:
    given = given_for(sender, upload.received_at)
    rows = await to_thread(lambda: list(lines(profile, table.rows, given)))
    as_of = point_of(profile, given, rows)
    async with transaction(actor) as tx:
        known = await known_of(tx, sender, rows)
        return await prospect(tx, sender, await to_thread(judged, rows, known, as_of), known, as_of)


def _read(folder: Path, upload: Upload, profile: Profile) -> Table:
    try:
        content = b"".join(read_blocks(folder, upload.id, upload.raw_key))
    except FileUnreadable as error:
        raise UploadUnreadable(str(error)) from error
    return upload_sheet.read(content, profile)


def _heading(profile: Profile, table: Table) -> int:
    try:
        return heading_of(profile, table.rows)
    except ColumnsMismatch as error:
        raise UploadWithoutHeading(str(error)) from error


def _who(actor: Actor) -> str:
    return f"{actor.kind} {actor.id}"


def _plain(name: str) -> str:
    """The name of the file without the folder it lay in and without signs that cannot be printed."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[:_NAME_LENGTH]
