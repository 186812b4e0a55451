"""E-mail by SMTP (RFC 5321), over TLS: STARTTLS (RFC 3207) or from the start (RFC 8314)."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from amis.notifying.content import one_line
from amis.notifying.errors import Delayed, Refused, Unreachable
from amis.notifying.providers.provider import Outgoing

TIMEOUT = 20
"""Seconds that one step of the conversation may take."""
LONGEST_NAME = 60
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in. `tls`: from the start, by STARTTLS, or none (a relay on this very machine)."""

    host: str
    port: int
    tls: Literal["start", "starttls", "none"]
    user: str = ""
    password: str = field(default="", repr=False)


def server(url: str) -> Server:
    """Reads `smtps://user:password@host:465` or `smtp://user:password@host:587`, which asks for STARTTLS.

    `smtp://localhost:25?tls=none` speaks in clear, and then never gives a password away.

    Raises:
        ValueError: it is no such address.
    """
    parts = urlsplit(url)
    plain = parse_qs(parts.query).get("tls") == ["none"]
    if parts.scheme not in _PORTS or not parts.hostname or (plain and (parts.username or parts.scheme == "smtps")):
        raise ValueError("not an address of a mail server")
    tls: Literal["start", "starttls", "none"] = "start" if parts.scheme == "smtps" else "starttls"
    credentials = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, parts.port or _PORTS[parts.scheme], "none" if plain else tls, *credentials)


def written(outgoing: Outgoing, mail_from: str, domain: str) -> EmailMessage:
    """The message with its headers; the id is made of the message's own (RFC 5322 section 3.6.4).

    Nobody answers it by machine (RFC 3834 section 5). Nothing of what is written into a header can begin another.
    """
    mail = EmailMessage(policy=SMTP)
    local, _, host = mail_from.rpartition("@")
    mail["From"] = Address(one_line(outgoing.sender, LONGEST_NAME), local, host)
    mail["To"] = Address("", *outgoing.to.rsplit("@", 1))
    mail["Subject"] = one_line(outgoing.content.subject, LONGEST_NAME * 2)
    mail["Message-ID"] = f"<{outgoing.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(outgoing.content.text)
    mail.add_alternative(outgoing.content.html, subtype="html")
    mail["Content-Language"] = outgoing.language
    return mail


@dataclass(frozen=True, slots=True)
class Mail:
    """Hands mail to one server; `domain` is the right side of message ids. `context` decides whom TLS trusts."""

    server: Server
    mail_from: str
    domain: str
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def carry(self, outgoing: Outgoing) -> None:
        """Hands one message to the server, which from then on has it.

        Raises:
            Refused, Delayed, Unreachable
        """
        mail = written(outgoing, self.mail_from, self.domain)
        with self._spoken() as line:
            self._hand_in(line, mail, outgoing.to)

    @contextmanager
    def _spoken(self) -> Iterator[smtplib.SMTP]:
        """An open conversation; whatever keeps it from opening is the server's fault, not the message's."""
        try:
            line = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{type(error).__name__}") from error
        try:
            yield line
        finally:
            line.close()

    def _connected(self) -> smtplib.SMTP:
        at = self.server
        if at.tls == "start":
            line: smtplib.SMTP = smtplib.SMTP_SSL(at.host, at.port, timeout=TIMEOUT, context=self.context)
        else:
            line = smtplib.SMTP(at.host, at.port, timeout=TIMEOUT)
        try:
            if at.tls == "starttls":
                line.starttls(context=self.context)
            if at.user:
                line.login(at.user, at.password)
        except (OSError, smtplib.SMTPException):
            line.close()
            raise
        return line

    def _hand_in(self, line: smtplib.SMTP, mail: EmailMessage, to: str) -> None:
        try:
            line.send_message(mail, self.mail_from, [to])
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise (Refused if code >= _PERMANENT else Delayed)(f"recipient: SMTP {code}") from error
        except smtplib.SMTPResponseException as error:
            code = error.smtp_code
            raise (Refused if code >= _PERMANENT else Delayed)(f"SMTP {code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Delayed(type(error).__name__) from error
