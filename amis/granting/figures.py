"""What laws set, and groups by condition: whoever a rule concerns that reads them is regranted with the change."""

from collections.abc import Sequence

from amis.granting import rulebook, suspension_store
from amis.granting.everywhere import follow_change
from amis.granting.regranting import Cause
from amis.kernel.db import Transaction
from amis.register import service as register
from amis.register.errors import GroupConditionRefused
from amis.register.law import Kind
from amis.register.service import CalendarDraft, GroupDraft, Step

_PREFIX = {"parameter": "param", "cohort": "cohort"}


async def set_figure_and_regrant(tx: Transaction, kind: Kind, code: str, step: Step, cause: Cause) -> int:
    """Sets a figure for a period, as `register.define_figure`; how many rights changed here.

    Raises:
        FigureMalformed
    """
    await rulebook.hold_regranting(tx)
    changed = await register.define_figure(tx, kind, code, step)
    return await follow_change(tx, [f"{_PREFIX[kind]}:{code}"], cause) if changed else 0


async def set_figures_and_regrant(tx: Transaction, kind: Kind, code: str, steps: Sequence[Step], cause: Cause) -> int:
    """Sets the whole table of a parameter or cohort; how many rights changed here.

    Raises:
        FigureMalformed
    """
    await rulebook.hold_regranting(tx)
    changed = await register.define_figures(tx, kind, code, steps)
    return await follow_change(tx, [f"{_PREFIX[kind]}:{code}"], cause) if changed else 0


async def set_calendar_and_regrant(tx: Transaction, draft: CalendarDraft, cause: Cause) -> int:
    """Sets the days of a calendar; how many rights changed here.

    Raises:
        CalendarMalformed
    """
    await rulebook.hold_regranting(tx)
    changed = await register.define_calendar(tx, draft)
    return await follow_change(tx, [f"calendar:{draft.code}"], cause) if changed else 0


async def set_group_and_regrant(tx: Transaction, draft: GroupDraft, cause: Cause) -> int:
    """Defines a group, by list or by condition; how many rights changed.

    Raises:
        GroupMalformed, GroupConditionRefused: with the place in the condition, a cycle of groups too; GroupIsList
    """
    await rulebook.hold_regranting(tx)
    await register.define_group(tx, draft)
    if rulebook.depth_of_orders(await suspension_store.orders(tx), await rulebook.vocabulary(tx)):
        raise GroupConditionRefused("an order that spares by it looks at no relatives", pointer="/condition")
    return await follow_change(tx, [f"group:{draft.code}"], cause)
