"""Room for the files and connections of many terminals in one program."""

import resource

EACH, BESIDES = 12, 200
"""Open files of a terminal, and of everything else."""


def room_for(fleet: int) -> None:
    """Lets this program have as many files open as so many terminals need, as far as the system allows it."""
    wanted = fleet * EACH + BESIDES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
