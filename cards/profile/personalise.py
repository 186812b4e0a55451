"""A blank card becomes somebody's; an unfinished one is finished; a finished one is verified, or brought up to date.

One procedure for all: it looks, does what is missing, and undoes nothing. After any interruption it is run again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cards.desfire.authenticate import authenticate
from cards.desfire.command import Command
from cards.desfire.commands import value_of
from cards.desfire.procedure import Procedure
from cards.desfire.version import ChipVersion
from cards.errors import CardElsewhere, CardTaken, ForeignCard
from cards.keys.chip import CardKeys
from cards.profile.content import CardContent, Image
from cards.profile.course import Subject, persistent
from cards.profile.data import changes, read_all, read_quota, write_all
from cards.profile.layout import QUOTA_FILE, UPDATE
from cards.profile.making import Target, complete, master_change
from cards.profile.probe import NOTHING, Application, Chip, Opened, decoded, inventory, look, look_closer


@dataclass(frozen=True, slots=True)
class Personalised:
    """A card that carries what it should: `quota` as it stands on the chip, `written` whether anything was changed."""

    uid: bytes
    keyset: int
    chip: ChipVersion
    quota: int
    written: bool


@dataclass(frozen=True, slots=True)
class _Order:
    """`blank`: the card may be one without our application; `quota`: a finished card's counter is set as well."""

    content: CardContent
    image: Image
    keyset: int
    keys_for: Callable[[bytes], CardKeys]
    blank: bool
    quota: bool


def personalise(
    content: CardContent, keyset: int, keys_for: Callable[[bytes], CardKeys], *, uid: bytes | None = None
) -> Procedure[Personalised]:
    """Brings the card on the reader to `content` under the keys of `keyset` (1 to 255); `uid`: that chip and no other.

    A finished card of the same number keeps its quota; an unfinished one gets that of `content`. A blank card takes 43
    APDUs in five lists (eight under EV2), one that is finished 22 in four.

    Raises:
        Unencodable: before the card is touched.
        WrongProduct, ChipTooSmall, CardFull, ForeignCard, Counterfeit, CardElsewhere, CardTaken, CardSwapped:
            nothing was changed on the card.
        CardDamaged, CardRefused, MacMismatch, UnexpectedAnswer: it may be unfinished.
    """
    order = _Order(content, Image.of(content, keyset), keyset, keys_for, blank=True, quota=False)
    return (yield from persistent(partial(_attempt, order), uid))


def update(
    content: CardContent,
    keyset: int,
    keys_for: Callable[[bytes], CardKeys],
    *,
    uid: bytes | None = None,
    quota: bool = False,
) -> Procedure[Personalised]:
    """As `personalise`, for a card that has been through it: `quota` sets its counter to that of `content` as well.

    Raises:
        ForeignCard: also for a card without our application.
    """
    order = _Order(content, Image.of(content, keyset), keyset, keys_for, blank=False, quota=quota)
    return (yield from persistent(partial(_attempt, order), uid))


def _attempt(order: _Order, subject: Subject) -> Procedure[Personalised]:
    first: list[Command] = []
    chip, opened = yield from look(subject, first)
    target = Target(order.keyset, order.keys_for(chip.uid))
    first.append(master_change(target))
    if not chip.ours:
        if not order.blank:
            raise ForeignCard
        quota = yield from _written(order, chip, opened, NOTHING, target)
        return Personalised(chip.uid, order.keyset, chip.version, quota, True)
    header, keyset = yield from look_closer()
    if header == order.image.header and chip.keyset == keyset == order.keyset:
        quota, written = yield from _verified(order, chip, target)
        return Personalised(chip.uid, order.keyset, chip.version, quota, written)
    _check_owner(header, order.content)
    application = yield from inventory(header)
    quota = yield from _written(order, chip, opened, application, target)
    return Personalised(chip.uid, order.keyset, chip.version, quota, True)


def _check_owner(header: bytes | None, content: CardContent) -> None:
    standing = decoded(header)
    if standing is None:
        return
    if standing.issuer != content.issuer:
        raise CardElsewhere
    if not standing.names(content.number):
        raise CardTaken


def _verified(order: _Order, chip: Chip, target: Target) -> Procedure[tuple[int, bool]]:
    """The quota on a finished card, and whether something had to be written after all."""
    session, found = yield from authenticate(chip.scheme, UPDATE, target.key(UPDATE), then=read_all())
    had = value_of(found[-1])
    quota = order.image.quota if order.quota else had
    if missing := changes(order.image, found, quota):
        yield from session.batch(missing)
    return quota, bool(missing)


def _written(
    order: _Order, chip: Chip, opened: Opened | None, application: Application, target: Target
) -> Procedure[int]:
    """All of it on the card, whatever was there; the quota that it has then."""
    wanted, image = order.image.quota, order.image
    bring = partial(complete, chip, opened, application, target, wanted)
    if QUOTA_FILE.number not in application.files:
        yield from bring(write_all(image, wanted, wanted))
        return wanted
    session, (value,) = yield from bring([read_quota()])
    had = value_of(value)
    quota = wanted if order.quota or (order.blank and application.header is None) else had
    yield from session.batch(write_all(image, had, quota))
    return quota
