"""Mail as it leaves: headers that nothing can add to, and a conversation under TLS with a real server."""

import ssl
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amis.notifying.content import Content
from amis.notifying.errors import Refused, Unreachable
from amis.notifying.providers.mail import Mail, Server, server, written
from amis.notifying.providers.provider import Outgoing
from tests.notifying.mailbox import guarded, serving_mail

ID = UUID("0199aaaa-0000-7000-8000-000000000001")
CONTENT = Content("Jums ir piešķirts atvieglojums", "Labdien!\n.\nĀbols\n", "<p>Ābols</p>", "Ābols")
OUTGOING = Outgoing(ID, "anna@inbox.example", CONTENT, "Jelgavas pašvaldība", "", "lv", date(2026, 3, 10))
HEADERS = ["From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Language"]
FROM = "amis@jelgava.example"


@settings(max_examples=40)
@given(st.text(max_size=60), st.text(max_size=30))
def test_no_text_can_begin_a_header_of_its_own(subject: str, sender: str) -> None:
    content = replace(CONTENT, subject=subject)
    mail = message_from_bytes(
        bytes(written(replace(OUTGOING, content=content, sender=sender), FROM, "amis.example")), policy=default
    )
    assert mail.keys() == HEADERS
    assert [address.addr_spec for address in mail["To"].addresses] == ["anna@inbox.example"]
    assert [address.addr_spec for address in mail["From"].addresses] == [FROM]
    assert mail["Message-ID"] == f"<{ID}@amis.example>"


@pytest.mark.parametrize("nasty", ["x\r\nBcc: y@z.example", "x\nBcc: y@z.example", "x\u2028Bcc: y@z.example", "x\x00"])
def test_a_line_break_becomes_a_blank(nasty: str) -> None:
    mail = written(replace(OUTGOING, content=replace(CONTENT, subject=nasty), sender=nasty), FROM, "amis.example")
    assert b"\nBcc" not in bytes(mail)
    assert mail.keys() == HEADERS


def test_a_mail_comes_whole_in_both_forms() -> None:
    with serving_mail() as box:
        Mail(server(box.url), FROM, "amis.example").carry(OUTGOING)
    [mail] = box.mails
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert [body.get_content().replace("\r\n", "\n") for body in bodies if body] == [CONTENT.text, CONTENT.html + "\n"]
    assert (mail["Subject"], mail["Auto-Submitted"]) == (CONTENT.subject, "auto-generated")


def test_starttls_and_a_password_and_nothing_in_clear(tmp_path: Path) -> None:
    options, trusting = guarded(tmp_path)
    with serving_mail(**options) as box:
        port = server(box.url).port
        url = f"smtp://amis:p%40ss%2Fword@127.0.0.1:{port}"
        Mail(server(url), FROM, "amis.example", trusting).carry(OUTGOING)
        assert box.signed_in == [True]
        for wrong, context in ((url, ssl.create_default_context()), (url.replace("ss%2F", "ss"), trusting)):
            with pytest.raises(Unreachable):
                Mail(server(wrong), FROM, "amis.example", context).carry(OUTGOING)
        with pytest.raises(Refused, match="SMTP 530"):
            Mail(server(box.url), FROM, "amis.example").carry(OUTGOING)
    assert len(box.mails) == 1


def test_an_address_of_a_server_names_how_it_is_spoken_to() -> None:
    assert server("smtps://a:b@mail.example") == Server("mail.example", 465, "start", "a", "b")
    assert server("smtp://mail.example") == Server("mail.example", 587, "starttls")
    assert server("smtp://localhost:25?tls=none") == Server("localhost", 25, "none")
    assert "s3cret" not in repr(server("smtps://a:s3cret@mail.example"))


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://a:b@localhost?tls=none"])
def test_what_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not an address of a mail server"):
        server(url)
