"""`amis db`: the embedded PostgreSQL and the migrations."""

import typer
from rich.console import Console

from amis.cli.fault import told
from amis.kernel import postgres
from amis.kernel.process import database_url, embedded
from amis.kernel.settings import settings
from amis.migrations.migrate import current, head, upgrade

app = typer.Typer(help="The database: start, stop, migrate.", no_args_is_help=True)
console = Console()


@app.command()
def start() -> None:
    """Start the embedded PostgreSQL in the data folder, with its roles."""
    with told():
        cluster = embedded(settings())
        postgres.start(cluster)
        postgres.create_roles(cluster, settings().database_name)
    console.print(f"PostgreSQL answers at {cluster.socket}")


@app.command()
def stop() -> None:
    """Stop the embedded PostgreSQL."""
    with told():
        postgres.stop(embedded(settings()))


@app.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    with told():
        owner = database_url(settings(), "amis_owner")
        upgrade(owner)
        console.print(f"revision {current(owner)}")


@app.command()
def status() -> None:
    """Say at which revision the database is and which one this program needs."""
    with told():
        revision = current(database_url(settings(), "amis_owner"))
    console.print(f"database {revision or 'empty'}, program {head()}")
    raise typer.Exit(0 if revision == head() else 1)
