"""Debian's own tools, as they are, against the virtual card."""

import os
import subprocess
from pathlib import Path

import pytest

from cards.simcard import VirtualCard
from tests.cards.freefare.conftest import UID
from tests.cards.freefare.pn532 import Pn532

NDEF = bytes.fromhex("d1010c5402") + "lvapliecība".encode()


@pytest.fixture
def tool(pn532: Pn532, card: VirtualCard):
    environment = os.environ | {"LIBNFC_DEVICE": f"pn532_uart:{pn532.path}"}

    def run(*words: str) -> str:
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_nfc_list_finds_a_desfire_card(tool):
    told = tool("nfc-list")
    assert "1 ISO14443A passive target(s) found" in told
    assert "03  44" in told
    assert "  ".join(f"{byte:02x}" for byte in UID) in told
    assert "75  77  81  02  80" in told


def test_the_info_tool_reads_version_settings_and_memory(tool):
    told = tool("mifare-desfire-info")
    for line in (f"0x{UID.hex()}", "0x18 (=4096 bytes)", "Master Key settings (0x0f)", "Free memory: 4864 bytes"):
        assert line in told


def test_the_access_tool_makes_writes_reads_and_formats(tool, card):
    tool("mifare-desfire-access")
    assert card.snapshot().aids == []


def test_the_ndef_tools_make_a_forum_tag_and_read_back_what_they_wrote(tool, tmp_path: Path):
    wrote, read = tmp_path / "wrote", tmp_path / "read"
    wrote.write_bytes(NDEF * 20)
    tool("mifare-desfire-create-ndef", "-y")
    tool("mifare-desfire-write-ndef", "-y", "-i", str(wrote))
    tool("mifare-desfire-read-ndef", "-y", "-o", str(read))
    assert read.read_bytes() == wrote.read_bytes()


def test_the_format_tool_empties_the_card(tool, card):
    tool("mifare-desfire-create-ndef", "-y")
    assert card.snapshot().aids
    tool("mifare-desfire-format", "-y")
    assert card.snapshot().aids == []
    assert card.snapshot().used == 0


def test_the_configuration_tools_set_default_key_ats_and_a_random_uid(tool, card):
    tool("mifare-desfire-ev1-configure-default-key", "-y")
    tool("mifare-desfire-ev1-configure-ats", "-y")
    tool("mifare-desfire-ev1-configure-random-uid", "-y")
    told = tool("nfc-list")
    assert card.snapshot().random_uid
    assert "UID (NFCID3): 08" in told
    assert "Use random UID: yes" in tool("mifare-desfire-info")
