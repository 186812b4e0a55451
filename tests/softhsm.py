"""A PKCS#11 module in software (SoftHSM2) with one token in a folder of this test session."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, ObjectClass
from pydantic import SecretStr

from amis.kernel.settings import Settings
from cards.keys.hardware import HardwareKeyStore
from cards.keys.module import log_in

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
TOKEN, PIN = "amis test", "271828"


@dataclass(frozen=True)
class Token:
    """A token of the software module; `lock` is a path beside which its users lock."""

    lock: Path
    library: Path = LIBRARY
    label: str = TOKEN
    pin: str = PIN

    def open(self) -> HardwareKeyStore:
        return HardwareKeyStore(self.library, self.label, self.pin, self.lock)

    def load_master(self, label: str, master: bytes) -> None:
        """What a ceremony does with the module's own tool: an AES key that may sign."""
        made = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES, Attribute.VALUE: master}
        self.session().create_object(made | {Attribute.LABEL: label, Attribute.TOKEN: True, Attribute.SIGN: True})

    def session(self) -> pkcs11.Session:
        """A session beside the store's."""
        return log_in(self.library, self.label, self.pin)


def in_token(chosen: Settings, token: Token) -> Settings:
    """The settings of an installation that keeps its keys there."""
    named = {"pkcs11_module": token.library, "pkcs11_token": token.label, "pkcs11_pin": SecretStr(token.pin)}
    return chosen.model_copy(update=named)


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the tokens; the module reads where it is when it is loaded, once in a process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    (folder / "softhsm2.conf").write_text(settings)
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    tool = shutil.which("softhsm2-util")
    assert tool, "tests/machine.sh installs softhsm2"
    made = [tool, "--init-token", "--free", "--label", TOKEN, "--so-pin", "314159", "--pin", PIN]
    subprocess.run(made, check=True, capture_output=True)
    yield folder
    del os.environ["SOFTHSM2_CONF"]


@pytest.fixture
def token(softhsm: Path) -> Token:
    """The token, empty."""
    found = Token(softhsm / "lock")
    for thing in list(found.session().get_objects()):
        thing.destroy()
    return found
