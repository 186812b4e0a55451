"""`amis serve`: the web process."""

import typer
import uvicorn

from amis.kernel import log
from amis.kernel.settings import settings

app = typer.Typer(help="Serve pages and API.")


@app.callback(invoke_without_command=True)
def serve() -> None:
    """Serve pages and API on AMIS_HOST:AMIS_PORT until Ctrl-C."""
    chosen = settings()
    log.configure(chosen.log_level)
    uvicorn.run(
        "amis.app:create",
        factory=True,
        host=chosen.host,
        port=chosen.port,
        workers=chosen.web_workers,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
