"""What a terminal reads: without a key what anyone may see, with the read key what only a genuine chip shows."""

from dataclasses import dataclass

from cards.desfire.authenticate import Scheme, authenticate
from cards.desfire.command import Command, Mode
from cards.desfire.commands import get_key_version, read_data, select_application
from cards.desfire.procedure import Procedure, Step
from cards.desfire.session import PlainSession
from cards.desfire.status import Status
from cards.errors import AuthenticationFailed, CardRefused, Counterfeit, ForeignCard, UnexpectedAnswer
from cards.profile.content import stored_credential
from cards.profile.header import Header
from cards.profile.layout import AID, CREDENTIAL_FILE, ENTITLEMENT_FILE, HOLDER, HOLDER_FILE, READ, File
from cards.profile.lists import Leg, joined
from cards.profile.probe import Opened, read_header
from cards.profile.records import EntitlementRecord, HolderFile, decode_entitlements

_GET_UID = Step(bytes.fromhex("ffca000000"))
_READER_SUCCESS = b"\x90\x00"
_UID = 7


@dataclass(frozen=True, slots=True)
class PublicCard:
    """What anyone can read, and copy: it proves nothing about the chip. `credential` is still to be verified."""

    uid: bytes
    header: Header
    credential: bytes


def read_public() -> Procedure[PublicCard]:
    """UID (from the reader, PC/SC part 3), header and credential: 7 APDUs in one list.

    Raises:
        ForeignCard: our application is not there.
        RecordDamaged: the card is unfinished.
    """
    reading = PlainSession().batch(
        [select_application(AID), read_header(), read_data(CREDENTIAL_FILE.number, 0, CREDENTIAL_FILE.size, Mode.PLAIN)]
    )
    try:
        uid, (_, header, credential) = yield from joined(Leg(_uid()), reading)
    except CardRefused as refused:
        raise (ForeignCard() if refused.status is Status.APPLICATION_NOT_FOUND else refused) from refused
    return PublicCard(uid, Header.decode(header), stored_credential(credential))


def _uid() -> Procedure[bytes]:
    answer = b"".join((yield [_GET_UID])[:1])
    if len(answer) != _UID + 2 or not answer.endswith(_READER_SUCCESS):
        raise UnexpectedAnswer("UID")
    return answer[:_UID]


def read_keyset() -> Procedure[int]:
    """The key set of the read key as the chip tells anybody, in the application that `read_public` selected: 1 APDU."""
    (version,) = yield from PlainSession().batch([get_key_version(READ)])
    return version[0]


def read_keyed(*keys: bytes, scheme: Scheme = Scheme.EV1) -> Procedure[tuple[EntitlementRecord, ...]]:
    """The entitlements, which also proves the chip: 5 APDUs in two lists.

    `keys` are the chip's read key under the header's key set and, for a card whose rotation was interrupted, under the
    next. Every chip of the family knows the older scheme, EV2 and EV3 the newer one as well.

    Raises:
        Counterfeit: the chip has none of the keys.
        ForeignCard: our application is not there.
    """
    content = yield from _read(ENTITLEMENT_FILE, READ, keys, scheme)
    return decode_entitlements(content)


def read_holder(*keys: bytes, scheme: Scheme = Scheme.EV1) -> Procedure[HolderFile]:
    """The holder's file with the holder key, as `read_keyed`."""
    content = yield from _read(HOLDER_FILE, HOLDER, keys, scheme)
    return HolderFile.decode(content)


def _read(file: File, slot: int, keys: tuple[bytes, ...], scheme: Scheme) -> Procedure[bytes]:
    command = read_data(file.number, 0, file.size, file.mode)
    for key in keys:
        try:
            _, (content,) = yield from in_application(slot, key, [command], scheme)
        except AuthenticationFailed:
            continue
        return content
    raise Counterfeit


def in_application(slot: int, key: bytes, then: list[Command], scheme: Scheme) -> Opened:
    """A session in our application, begun with its selection; ForeignCard where it is not there."""
    try:
        return (yield from authenticate(scheme, slot, key, first=[select_application(AID)], then=then))
    except CardRefused as refused:
        raise (ForeignCard() if refused.status is Status.APPLICATION_NOT_FOUND else refused) from refused
