"""AMIS-DF1: what a card carries, and the procedures that write, read, use and renew it."""

from cards.profile.content import CardContent
from cards.profile.event import LogRecord
from cards.profile.header import Header
from cards.profile.personalise import Personalised, personalise, update
from cards.profile.reading import PublicCard, read_holder, read_keyed, read_keyset, read_public
from cards.profile.records import EntitlementRecord, HolderFile
from cards.profile.renew import Renewed, retire, rotate
from cards.profile.units import Units, load, read_units
from cards.profile.validate import Validated, newest_record, resume, validate
from cards.profile.verify import Verified, verify

__all__ = [
    "CardContent",
    "EntitlementRecord",
    "Header",
    "HolderFile",
    "LogRecord",
    "Personalised",
    "PublicCard",
    "Renewed",
    "Units",
    "Validated",
    "Verified",
    "load",
    "newest_record",
    "personalise",
    "read_holder",
    "read_keyed",
    "read_keyset",
    "read_public",
    "read_units",
    "resume",
    "retire",
    "rotate",
    "update",
    "validate",
    "verify",
]
