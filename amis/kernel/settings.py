"""Settings: environment variables `AMIS_*`, each with its meaning; documented in docs/settings.md."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the service is told from outside; nothing here has to be set for `make demo`."""

    model_config = SettingsConfigDict(env_prefix="AMIS_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("var"), description="Folder of the embedded database, keys and evidence.")
    database_url: str | None = Field(
        None, description="An outside PostgreSQL 18 as role amis_app; without it the embedded one is used."
    )
    database_owner_url: str | None = Field(None, description="The same database as role amis_owner (migrations).")
    database_worker_url: str | None = Field(None, description="The same database as role amis_worker (sequencer).")
    database_name: str = Field("amis", description="Name of the database inside the embedded PostgreSQL.")
    shared_buffers: str = Field("512MB", description="shared_buffers of the embedded PostgreSQL.")
    public_url: str = Field("http://localhost:8000", description="Address under which people reach the service.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    web_workers: int = Field(1, ge=1, le=64, description="Web processes.")
    key_passphrase: SecretStr | None = Field(
        None,
        description="Opens the key file; without it a random one is kept beside the key file, readable by its owner.",
    )
    key_file: Path | None = Field(
        None, description="The encrypted key file; by default keys/keystore.json in the data folder."
    )
    pkcs11_module: Path | None = Field(
        None, description="Shared object of a PKCS#11 module: the keys are kept in its token instead of the key file."
    )
    pkcs11_token: str = Field("amis", description="Label of the token that holds the keys.")
    pkcs11_pin: SecretStr | None = Field(None, description="User PIN of that token.")
    session_idle_minutes: int = Field(15, ge=1, description="A member of staff is signed out after this idle time.")
    session_hours: int = Field(12, ge=1, description="A session ends after this time at the latest.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged.")
    pool_size: int = Field(8, ge=1, description="Database connections of one web process for pages and API.")
    webhook_hosts: str = Field(
        "",
        description="Hosts that webhooks may be sent to without a colleague's approval, with commas between them;"
        " `*.example.lv` stands for all below that name.",
    )
    feed_days: int = Field(60, ge=1, description="Days for which the feed and what was delivered of it are kept.")
    canary: bool = Field(
        True, description="Whether the worker sends itself a canary each minute and measures how long it takes."
    )
    canary_url: str | None = Field(
        None, description="Address of the service to which the canary is sent; by default AMIS_PUBLIC_URL."
    )
    worker_metrics_port: int = Field(
        0, ge=0, le=65535, description="Port on AMIS_HOST where the worker shows its metrics; 0 is none."
    )
    witness_file: Path | None = Field(None, description="File to which each signed audit checkpoint is appended.")
    smtp_url: SecretStr | None = Field(
        None, description="Mail server for messages to holders: smtps://user:password@host:465, or smtp:// (STARTTLS)."
    )
    mail_from: str = Field("", description="Address that messages to holders come from.")
    sms_url: str | None = Field(
        None, description="Address that takes text messages as JSON; without it they are files in outgoing/sms."
    )
    sms_token: SecretStr | None = Field(None, description="Bearer token of the provider of text messages.")
    post_folder: Path | None = Field(
        None, description="Folder for letters to be printed (PDF); by default outgoing/post in the data folder."
    )

    @property
    def listed_webhook_hosts(self) -> tuple[str, ...]:
        """The hosts of `webhook_hosts`, one by one."""
        return tuple(name for part in self.webhook_hosts.split(",") if (name := part.strip().lower()))

    @property
    def secure(self) -> bool:
        """Whether people reach the service over TLS, which decides cookies and HSTS."""
        return self.public_url.startswith("https://")


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
