"""A chip under power: its memory, what is selected, the session, and the drafts of the transaction."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from cards.desfire.command import Mode
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.access import Access
from cards.simcard.channels import Channel, Open
from cards.simcard.drafts import Draft, applied
from cards.simcard.files import File
from cards.simcard.legacy import Legacy
from cards.simcard.picc import MASTER, PICC_LEVEL, Application, Picc

_EVERYBODY, _NOBODY = 0xE, 0xF


class Chip:
    """All that a command may look at and change. Everything but `picc` is lost with the power."""

    def __init__(self, picc: Picc, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.picc = picc
        self.random = random
        self.selected = PICC_LEVEL
        self.channel: Channel = Open()
        self.drafts: dict[int, Draft] = {}

    @property
    def application(self) -> Application:
        """What is selected: an application, or the chip's own level."""
        return self.picc.application(self.selected)

    def store(self, application: Application) -> None:
        """Puts `application` in the place of the selected one."""
        self.picc = self.picc.with_application(self.selected, application)

    def select(self, aid: bytes) -> None:
        """Selects `aid`; the session and the transaction end. APPLICATION_NOT_FOUND."""
        self.picc.application(aid)
        self.selected = aid
        self.end_session()
        self.drafts = {}

    def end_session(self) -> None:
        """Nobody is authenticated any more."""
        self.channel = Open()

    def refuse(self) -> None:
        """What any refusal costs: the transaction, and the session unless it is of the first generation."""
        self.drafts = {}
        if not isinstance(self.channel, Legacy):
            self.end_session()

    def commit(self) -> None:
        """Puts every draft into its file, all in one step."""
        files = dict(self.application.files)
        for place, draft in self.drafts.items():
            files[place] = applied(draft, files[place])
        self.store(replace(self.application, files=files))
        self.drafts = {}

    def require_level(self, picc: bool) -> None:
        """PERMISSION_DENIED for a command of the other level."""
        if (self.selected == PICC_LEVEL) is not picc:
            raise CardRefused(Status.PERMISSION_DENIED)

    def require_key(self, number: int) -> None:
        """AUTHENTICATION_ERROR unless the session is with key `number`."""
        if self.channel.key_number != number:
            raise CardRefused(Status.AUTHENTICATION_ERROR)

    def require_master(self, unless: int = 0) -> None:
        """AUTHENTICATION_ERROR unless the session is with the master key, or the settings have the bit `unless`."""
        if not self.application.settings & unless:
            self.require_key(MASTER)

    def file(self, number: int) -> File:
        """File `number` of the selected application; PERMISSION_DENIED outside one, FILE_NOT_FOUND."""
        self.require_level(picc=False)
        return self.application.file(number)

    def mode(self, access: Access, *rights: int) -> Mode:
        """How data travels when one of `rights` lets it through; AUTHENTICATION_ERROR, PERMISSION_DENIED."""
        if self.channel.key_number in rights:
            return access.mode
        if _EVERYBODY in rights:
            return Mode.PLAIN
        raise CardRefused(Status.PERMISSION_DENIED if set(rights) == {_NOBODY} else Status.AUTHENTICATION_ERROR)
