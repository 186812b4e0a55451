"""`amis sync` against the real service: files in, refused rows out, put right and sent again, both sides compared."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from amis.demo.town import SOURCE
from sync.cli import app
from sync.pretend.files import written
from tests.sync_machine import paired_sender, worker_of
from tests.town import Site

MOST = 6


def row(number: int, **more: Any) -> Mapping[str, Any]:
    code, days = f"3{number + 20}00000000"[:11].ljust(11, "0"), {"valid_from": "2026-01-01", "valid_to": None}
    about = {"person": {"code": code, "birth_date": "1980-05-17"}, "status": "TRUCIGA", **days}
    return {"record_id": f"F-{number}", "version": number, "op": "upsert", **about, **more}


class Line:
    """The command line of a machine."""

    def __init__(self, home: Path) -> None:
        self.home = home

    async def run(self, *words: object) -> tuple[int, str]:
        """The exit code and what was printed on either stream."""
        command = [str(word) for word in words] + ["--home", str(self.home)]
        # in a thread: the service runs in this one
        result = await asyncio.to_thread(CliRunner().invoke, app, command)
        return result.exit_code, result.output

    async def told(self, *words: object) -> tuple[int, Any]:
        """The exit code and the JSON that was printed first."""
        code, output = await self.run(*words, "--json")
        return code, json.loads(output.splitlines()[0])


async def test_a_file_is_imported_its_bad_rows_put_right_and_both_sides_compared(site: Site, tmp_path: Path) -> None:
    home, _ = await paired_sender(site, tmp_path)
    line = Line(home)
    rows = [row(number) for number in range(1, MOST)]
    bad = row(MOST, status="NEKAS")
    file = tmp_path / "all.csv.gz"
    file.write_bytes(gzip.compress(written([*rows, bad], "csv")))
    async with worker_of(site):
        code, output = await line.run("import", file, "--kind", "delta")
        assert code == 1
        assert f"done, {MOST} of {MOST} rows settled: {MOST - 1} applied, 1 rejected" in output
        refused = tmp_path / "all.csv.gz.refused"
        assert refused.stat().st_mode & 0o777 == 0o600
        (why,) = [json.loads(one) for one in (tmp_path / f"{refused.name}.codes").read_text().splitlines()]
        assert (why["row"], why["code"], why["record_id"]) == (MOST, "status.unknown", f"F-{MOST}")
        refused.write_text(refused.read_text().replace("NEKAS", "TRUCIGA"))
        code, told = await line.told("replay", refused)
        assert (code, told["state"], told["counts"]["applied"]) == (0, "done", 1)
        assert (await line.told("status", told["id"]))[1] == told

        whole = tmp_path / "whole.ndjson"
        whole.write_bytes(written([*rows, row(MOST)], "ndjson"))
        assert await line.told("digest", "--compare", whole) == (0, {"here": MOST, "there": MOST, "differing": []})
        whole.write_bytes(written([*rows, row(MOST, version=99)], "ndjson"))
        code, told = await line.told("digest", "--compare", whole)
        assert (code, len(told["differing"])) == (1, 1)
        assert (await line.told("digest", "--source", SOURCE))[1]["count"] == MOST

        whole.write_bytes(written(rows, "ndjson"))
        code, told = await line.told("import", whole, "--kind", "snapshot", "--as-of", 50)
        assert (code, told["counts"]["unchanged"], told["counts"]["withdrawn"]) == (0, MOST - 1, 1)


async def test_what_cannot_be_taken_is_an_error_that_says_why(site: Site, tmp_path: Path) -> None:
    home, _ = await paired_sender(site, tmp_path)
    line, file = Line(home), tmp_path / "rows.csv"
    file.write_text("record_id;income\n")
    async with worker_of(site):
        code, output = await line.run("import", file, "--kind", "delta")
    assert code == 1
    assert "refused" in output
    assert "columns.mismatch" in output
    file.write_bytes(written([row(1)], "csv"))
    code, told = await line.told("import", file, "--kind", "delta", "--no-wait", "--key", "k")
    assert (code, told["state"], told["settled"]) == (0, "received", 0)
    other = tmp_path / "other.csv"
    other.write_bytes(written([row(2)], "csv"))
    code, output = await line.run("import", other, "--kind", "delta", "--key", "k")
    assert (code, "idempotency_key_reused" in output) == (2, True)
    code, output = await Line(tmp_path / "nowhere").run("digest")
    assert (code, "machine.not_paired" in output) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "snapshot"), "a snapshot has --as-of"),
        (("--kind", "delta", "--as-of", "3"), "nothing else has"),
        (("--kind", "delta"), "name of the file does not tell"),
    ],
)
async def test_a_file_that_is_not_described_is_not_sent(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    file = tmp_path / "rows.txt"
    file.write_text("")
    code, output = await Line(tmp_path).run("import", file, *words)
    assert code == 2
    assert said in " ".join(output.replace("│", " ").split())
