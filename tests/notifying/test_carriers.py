"""Which provider stands behind each way."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from amis.kernel.settings import Settings
from amis.notifying.carriers import carriers
from amis.notifying.kinds import Channel
from amis.notifying.providers.mail import Mail
from amis.notifying.providers.post import FolderPost
from amis.notifying.providers.sms import FileSms, HttpSms


def test_without_settings_letters_and_text_messages_go_into_folders_and_there_is_no_mail(tmp_path: Path) -> None:
    found = carriers(Settings(data_dir=tmp_path))
    folder = tmp_path / "outgoing"
    assert found == {Channel.POST: FolderPost(folder / "post"), Channel.SMS: FileSms(folder / "sms")}


def test_named_providers_are_used(tmp_path: Path) -> None:
    named = {"sms_url": "https://sms.example/send", "sms_token": SecretStr("s3cret"), "post_folder": tmp_path}
    mail = {"smtp_url": SecretStr("smtps://mail.example"), "mail_from": "amis@jelgava.example"}
    found = carriers(Settings(public_url="https://amis.example", **named, **mail))
    assert found[Channel.SMS] == HttpSms("https://sms.example/send", "s3cret")
    assert found[Channel.POST] == FolderPost(tmp_path)
    carrier = found[Channel.EMAIL]
    assert isinstance(carrier, Mail)
    assert (carrier.server.port, carrier.mail_from, carrier.domain) == (465, "amis@jelgava.example", "amis.example")
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize("wrong", [{"mail_from": ""}, {"mail_from": "amis"}, {"smtp_url": SecretStr("mail.example")}])
def test_wrong_settings_of_mail_stop_nothing_else(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {"smtp_url": SecretStr("smtps://mail.example"), "mail_from": "amis@jelgava.example"}
    assert Channel.EMAIL not in carriers(Settings(**right | wrong))  # type: ignore[arg-type]
