"""Settings from the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from amis.kernel.settings import Settings


def test_everything_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"AMIS_{name.upper()}", raising=False)
    chosen = Settings()
    assert (chosen.host, chosen.database_url, chosen.data_dir) == ("127.0.0.1", None, Path("var"))


def test_a_variable_is_read_with_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMIS_PORT", "8123")
    monkeypatch.setenv("AMIS_DATA_DIR", "/srv/amis")
    assert (Settings().port, Settings().data_dir) == (8123, Path("/srv/amis"))


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "70000"), ("WEB_WORKERS", "0"), ("POOL_SIZE", "many"), ("LOG_LEVEL", "LOUD")]
)
def test_an_impossible_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"AMIS_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_a_passphrase_is_not_shown() -> None:
    assert "hunter2" not in repr(Settings(key_passphrase="hunter2"))  # type: ignore[arg-type]  # as the environment


@pytest.mark.parametrize(("address", "secure"), [("https://amis.example", True), ("http://localhost:8000", False)])
def test_the_public_address_tells_whether_there_is_tls(address: str, secure: bool) -> None:
    assert Settings(public_url=address).secure is secure


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())
