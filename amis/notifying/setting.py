"""What a municipality tells its holders: switched on, changed, read."""

from dataclasses import asdict, dataclass

from sqlalchemy.dialects.postgresql import insert

from amis.kernel import audit, feed
from amis.kernel.db import Transaction
from amis.kernel.models import Municipality
from amis.kernel.settings import settings
from amis.notifying.content import Sender, one_line
from amis.notifying.errors import SenderNameInvalid, SettingInvalid
from amis.notifying.kinds import Kind
from amis.notifying.models import NotifyingMark, NotifyingSetting

LONGEST_NAME, LONGEST_QUESTIONS = 60, 120
LIMITS = {"days_before": (1, 90), "quiet_minutes": (0, 1440), "a_minute": (1, 1000)}
"""The least and the most of each number."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A setting as it is written; empty names are the municipality's own. See `NotifyingSetting` for the numbers."""

    active: bool = False
    kinds: tuple[str, ...] = tuple(Kind)
    days_before: int = 14
    quiet_minutes: int = 3
    a_minute: int = 60
    sender_lv: str = ""
    sender_en: str = ""
    questions: str = ""


async def current(tx: Transaction) -> Telling:
    """What the municipality tells; until somebody switches it on, nothing."""
    row = await tx.session.get(NotifyingSetting, tx.municipality_id)
    if row is None:
        return Telling()
    values = {name: getattr(row, name) for name in Telling.__slots__}
    return Telling(**values | {"kinds": tuple(row.kinds)})


async def change(tx: Transaction, wanted: Telling) -> None:
    """Writes the setting. Switched on, it tells what happens from now on, nothing of before.

    Raises:
        SettingInvalid, SenderNameInvalid
    """
    _check(wanted)
    before = await current(tx)
    values = asdict(wanted) | {"kinds": sorted(set(wanted.kinds)), "changed_at": tx.at, "changed_by": tx.actor.id}
    await _put(tx, NotifyingSetting, values)
    if wanted.active and not before.active:
        await _put(tx, NotifyingMark, {"seq": (await feed.reach(tx)).head})
    await audit.record(
        tx, "notifying.change", ("municipality", tx.municipality_id), before=asdict(before), after=asdict(wanted)
    )


async def sender(tx: Transaction, telling: Telling, language: str) -> Sender:
    """Who writes, in `lv` or `en`."""
    own = await tx.session.get_one(Municipality, tx.municipality_id)
    name = (telling.sender_lv or own.name_lv) if language == "lv" else (telling.sender_en or own.name_en)
    return Sender(name, telling.questions, f"{settings().public_url.rstrip('/')}/my/")


def _check(wanted: Telling) -> None:
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(wanted, name) <= most:
            raise SettingInvalid(pointer=f"/{name}")
    if not set(wanted.kinds) <= set(Kind):
        raise SettingInvalid(pointer="/kinds")
    longest = {"sender_lv": LONGEST_NAME, "sender_en": LONGEST_NAME, "questions": LONGEST_QUESTIONS}
    for name, length in longest.items():
        text = getattr(wanted, name)
        if one_line(text, length) != text:
            raise SenderNameInvalid(pointer=f"/{name}")


async def _put(tx: Transaction, table: type[NotifyingSetting] | type[NotifyingMark], values: dict[str, object]) -> None:
    row = insert(table).values(municipality_id=tx.municipality_id, **values)
    await tx.session.execute(row.on_conflict_do_update(index_elements=["municipality_id"], set_=values))
    tx.session.expire_all()
