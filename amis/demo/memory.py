"""What the demo remembers of its town between two runs; readable by its owner only, since it holds passwords."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from amis.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Memory:
    """Passwords by e-mail, the walk's key, and the machine ids of the bus's terminal and of the desk.

    Of the pretend social system: its machine id, the keys that it signs with, the port of its sink for webhooks and the
    keys that verify these; keys stand one a line.
    """

    passwords: dict[str, str]
    sender_key: str
    terminal: str
    desk: str
    pretend: str
    pretend_keys: str
    sink: int
    sink_keys: str


def recalled(settings: Settings) -> Memory | None:
    """What an earlier run left in this data folder; None in a new one."""
    path = _path(settings)
    return Memory(**json.loads(path.read_text())) if path.exists() else None


def keep(settings: Settings, memory: Memory) -> None:
    """Writes it durably, all or nothing."""
    path = _path(settings)
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(memory), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def key_file(settings: Settings, name: str, keys: str) -> Path:
    """Keys of the pretend social system as a file of their own, as it wants them."""
    path = settings.data_dir / "sopa" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(keys)
    return path


def terminal_home(settings: Settings) -> Path:
    """Where the bus's terminal keeps its key."""
    return settings.data_dir / "terminal"


def _path(settings: Settings) -> Path:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.data_dir / "demo.json"
