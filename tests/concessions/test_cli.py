"""`amis concessions export`."""

from pathlib import Path

from tests.cli.conftest import Amis, amis

__all__ = ["amis"]


async def test_what_is_given_today_is_written_in_both_formats(amis: Amis, tmp_path: Path) -> None:
    assert (await amis("seed", "lv")).exit_code == 0
    file = tmp_path / "rix.xml"
    assert (await amis("concessions", "export", "--municipality", "RIX", "--to", str(file))).exit_code == 0
    assert "RIX:UserProfile:RIX-75PLUS" in file.read_text()
    pages = ("--format", "gtfs", "--pages", "https://riga.lv/")
    printed = await amis("concessions", "export", "--municipality", "rix", *pages)
    head, *lines = printed.stdout.splitlines()
    assert head == "rider_category_id,rider_category_name,is_default_fare_category,eligibility_url"
    assert any(line.startswith("RIX-75PLUS,") and line.endswith(",0,https://riga.lv/RIX-75PLUS") for line in lines)


async def test_an_unknown_municipality_is_told_in_a_line(amis: Amis) -> None:
    result = await amis("concessions", "export", "--municipality", "XXX")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
