"""A parent that forks serving processes out of one warmed interpreter and replaces each that dies.

All share one listening socket, so while none of them lives a connection waits instead of failing. What a child serves
is what `amis serve` serves: the same application with the same server settings, on a database connection of its own.
Run as `python -m tests.walks.nursery SOCKET_FD CHILDREN`; prints the process id of each child that is forked, and
ends when its standard input ends.
"""

import os
import signal
import socket
import sys
import threading
from typing import NoReturn

import uvicorn

from amis.app import create
from amis.kernel import log
from amis.kernel.settings import settings


def main(listening: socket.socket, children: int) -> None:
    """Keeps so many children alive."""
    log.configure(settings().log_level)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    alive: set[int] = set()
    try:
        while True:
            while len(alive) < children:
                alive.add(_fork(listening))
            gone, _ = os.wait()
            alive.discard(gone)
    finally:
        for child in alive:
            os.kill(child, signal.SIGKILL)


def _fork(listening: socket.socket) -> int:
    child = os.fork()
    if child == 0:
        _serve(listening)
    print(child, flush=True)
    return child


def _serve(listening: socket.socket) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    config = uvicorn.Config(
        create(), loop="uvloop", http="httptools", log_config=None, access_log=False, server_header=False
    )
    uvicorn.Server(config).run(sockets=[listening])
    # A child never comes back into its parent's code.
    os._exit(1)


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
