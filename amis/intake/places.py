"""Where the files of batches lie: in one folder, which the web process fills and the worker reads."""

from pathlib import Path

from amis.kernel.settings import Settings


def folder_of(settings: Settings) -> Path:
    """The folder of sealed files of this installation."""
    return settings.data_dir / "intake"
