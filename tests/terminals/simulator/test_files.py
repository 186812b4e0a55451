import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys
from terminals.simulator.files import room_for
soft, hard, fleet = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
room_for(fleet)
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "fleet", "after"),
    [(256, 10, "320 900"), (256, 1_000, "900 900"), (800, 10, "800 900")],
    ids=["raised", "as far as allowed", "enough already"],
)
def test_a_fleet_gets_the_open_files_that_it_needs(soft: int, fleet: int, after: str) -> None:
    # in a program of its own, since a limit that was lowered is not raised again
    command = [sys.executable, "-c", _PROGRAM, str(soft), "900", str(fleet)]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip() == after
