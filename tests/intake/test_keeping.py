"""How long files are kept."""

from datetime import timedelta

from sqlalchemy import text

from amis.intake.keeping import keeping_jobs
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.settings import Settings
from tests.intake.files import Files, audited, row
from tests.intake.wire import TOWN, new_code


async def test_files_go_after_sixty_days_and_strays_after_one(files: Files, database: Settings) -> None:
    done = await files.deliver(row("S-1", 1, new_code()))
    held = await files.deliver(b"{}", kind="snapshot", as_of=9)
    stray = [files.folder / f"{new_id()}.{ending}" for ending in ("sealed", "part")]
    for path in stray:
        path.write_bytes(b"")

    async def kept(days: int) -> set[str]:
        with clock.moved(clock.now() + timedelta(days=days, minutes=5)):
            for job in keeping_jobs(database):
                await job.run(files.worker)
        return {path.name for path in files.folder.iterdir() if path.is_file()}

    both = {f"{done['id']}.sealed", f"{held['id']}.sealed"}
    assert held["state"] == "held"
    assert await kept(0) == both | {path.name for path in stray}
    assert await kept(1) == both
    assert await kept(59) == both
    # what nobody has decided on is kept until somebody does
    assert await kept(60) == {f"{held['id']}.sealed"}
    assert (await audited(done["id"]))[-1] == "notice_batch.let_go"
    async with transaction(TOWN) as tx:
        gone = await tx.session.execute(text("SELECT id::text FROM batch WHERE raw_gone_at IS NOT NULL"))
        assert [found for (found,) in gone] == [done["id"]]
