"""A real mail server that keeps what it is handed; some addresses it refuses, now or for ever."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Mailbox:
    """The server's end; `answers` are what it says to a recipient instead of taking the mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.answers: dict[str, str] = {}
        self.signed_in: list[bool] = []
        self.url = ""

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Takes a recipient, or says what it has for it."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keeps a mail."""
        content = cast(bytes, envelope.content)
        self.raw.append(content)
        self.mails.append(cast(EmailMessage, message_from_bytes(content, policy=default)))
        self.signed_in.append(bool(session.authenticated))
        return "250 OK"

    def texts(self) -> list[str]:
        """The plain texts of the mails."""
        return [cast(EmailMessage, mail.get_body(("plain",))).get_content() for mail in self.mails]


@contextmanager
def serving_mail(**options: Any) -> Iterator[Mailbox]:
    """A mailbox behind a server on a free port of this machine; `url` is its address in clear."""
    box = Mailbox()
    port = _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    box.url = f"smtp://127.0.0.1:{port}?tls=none"
    try:
        yield box
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def guarded(folder: Path) -> tuple[dict[str, Any], ssl.SSLContext]:
    """Options of a server that asks for STARTTLS and a password, and a context that trusts its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(hours=1))
    certificate = (
        builder.not_valid_after(now + timedelta(hours=1)).add_extension(names, False).sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _known}
    return options, ssl.create_default_context(cadata=pem.decode())


def _known(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"amis", b"p@ss/word")
    return AuthResult(success=right, handled=False)
