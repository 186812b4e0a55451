"""The provider of each way, as the settings of the service name them."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from amis.kernel.settings import Settings
from amis.notifying.address import email
from amis.notifying.errors import EmailInvalid
from amis.notifying.kinds import Channel
from amis.notifying.providers.mail import Mail, server
from amis.notifying.providers.post import FolderPost
from amis.notifying.providers.provider import Provider
from amis.notifying.providers.sms import FileSms, HttpSms

log = structlog.get_logger()


def carriers(settings: Settings) -> Mapping[Channel, Provider]:
    """Without a provider text messages and letters go into folders; without a mail server there is no e-mail."""
    folder = settings.data_dir / "outgoing"
    found: dict[Channel, Provider] = {
        Channel.POST: FolderPost(settings.post_folder or folder / "post"),
        Channel.SMS: _sms(settings, folder / "sms"),
    }
    mail = _mail(settings)
    return found if mail is None else found | {Channel.EMAIL: mail}


def _mail(settings: Settings) -> Provider | None:
    """Wrong settings stop no worker: they are logged each time, and e-mail waits."""
    if settings.smtp_url is None:
        return None
    try:
        at, mail_from = server(settings.smtp_url.get_secret_value()), email(settings.mail_from)
    except (ValueError, EmailInvalid):
        mail_from = ""
    if not mail_from:
        log.error("e-mail is set up wrongly", settings=["AMIS_SMTP_URL", "AMIS_MAIL_FROM"])
        return None
    return Mail(at, mail_from, urlsplit(settings.public_url).hostname or "localhost")


def _sms(settings: Settings, folder: Path) -> Provider:
    if settings.sms_url is None:
        return FileSms(folder)
    return HttpSms(settings.sms_url, settings.sms_token.get_secret_value() if settings.sms_token else "")
