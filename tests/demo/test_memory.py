"""What the demo remembers."""

from pathlib import Path

import pytest

from amis.demo import memory
from amis.demo.memory import Memory
from amis.kernel.settings import Settings

KEPT = Memory(
    {"kase@jelgava.example": "ķirbis"}, "whsec_abc", "0190", "0191", "0192", "whsec_def\nwhsk_ghi\n", 9000, "whpk_jkl"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var")


def test_a_new_folder_remembers_nothing(settings: Settings) -> None:
    assert memory.recalled(settings) is None


def test_what_is_kept_is_recalled_and_is_its_owner_s_alone(settings: Settings) -> None:
    memory.keep(settings, Memory({}, "", "", "", "", "", 0, ""))
    memory.keep(settings, KEPT)
    assert memory.recalled(settings) == KEPT
    assert [path.name for path in settings.data_dir.iterdir()] == ["demo.json"]
    assert (settings.data_dir / "demo.json").stat().st_mode & 0o777 == 0o600


def test_the_keys_of_the_pretend_social_system_are_a_file_of_its_owner_alone(settings: Settings) -> None:
    path = memory.key_file(settings, "keys", KEPT.pretend_keys)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("whsec_def\nwhsk_ghi\n", 0o600)
