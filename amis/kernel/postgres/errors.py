"""What can be wrong with the PostgreSQL that AMIS runs itself."""

from amis.kernel.errors import Unavailable


class PostgresUnavailable(Unavailable):
    """PostgreSQL cannot be used."""

    code = "postgres_unavailable"

    def __str__(self) -> str:
        return f"{self.title} {self.detail}"


class FolderInUse(PostgresUnavailable):
    """Another AMIS is working with this folder."""

    code = "postgres_folder_in_use"


class WrongAccount(PostgresUnavailable):
    """This operating system account cannot run PostgreSQL here."""

    code = "postgres_wrong_account"


class ProgramFailed(PostgresUnavailable):
    """A PostgreSQL program ended with an error."""

    code = "postgres_program_failed"
