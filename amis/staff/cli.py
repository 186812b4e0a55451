"""The commands `amis account` and `amis machine`."""

from amis.staff.account_cli import accounts
from amis.staff.machine_cli import machines

__all__ = ["accounts", "machines"]
