"""A parent that forks serving processes out of one warmed interpreter and replaces each that dies.

All share one listening socket, so while none of them lives a connection waits instead of failing. What a child serves
is what `amis serve` serves: the same application with the same server settings, on a database connection of its own.
Run as `python -m tests.walks.nursery SOCKET_FD CHILDREN`; prints the process id of each child that is forked, and
ends when its standard input ends.
"""

import gc
import os
import signal
import socket
import sys
import threading

import uvicorn
import uvloop  # noqa: F401 - imported before the first fork
from sqlalchemy.dialects.postgresql import psycopg  # noqa: F401 - the same

from amis.app import create
from amis.kernel import log
from amis.kernel.settings import settings


def main(listening: socket.socket, children: int) -> None:
    """Keeps so many children alive."""
    log.configure(settings().log_level)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = _warmed()
    alive: set[int] = set()
    try:
        while True:
            while len(alive) < children:
                alive.add(_fork(server, listening))
            gone, _ = os.wait()
            alive.discard(gone)
    finally:
        for child in alive:
            os.kill(child, signal.SIGKILL)


def _warmed() -> uvicorn.Server:
    """A server that has loaded what it needs; a child then neither imports nor walks what its parent holds."""
    config = uvicorn.Config(
        create(), loop="uvloop", http="httptools", log_config=None, access_log=False, server_header=False
    )
    config.load()
    gc.collect()
    gc.freeze()
    return uvicorn.Server(config)


def _fork(server: uvicorn.Server, listening: socket.socket) -> int:
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        server.run(sockets=[listening])
        # A child never comes back into its parent's code.
        os._exit(1)
    print(child, flush=True)
    return child


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
