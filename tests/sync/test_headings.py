"""Columns by their headings."""

from sync.headings import guessed, heading_row, names

MERGED = [
    ["Saraksts uz 01.03.2026."],
    [],
    ["Personas kods", "Uzvārds, vārds", "Periods"],
    ["", "", "no", "līdz", "līdz"],
    ["010190-11119", "Šķēle Ērika", "01.03.2026", "31.05.2026", "x"],
]


def test_headings_in_merged_cells_are_found_under_titles() -> None:
    place = heading_row(MERGED)
    assert place == 3
    found = names(MERGED, place)
    assert found == ["Personas kods", "Uzvārds, vārds", "no", "līdz", "līdz (2)"]
    assert guessed(found) == {"code": "Personas kods", "valid_from": "no", "valid_to": "līdz"}


def test_a_list_without_headings_has_none() -> None:
    assert heading_row([["010190-11119", "2026-03-01"], ["", ""]]) is None
    assert heading_row([]) is None


def test_a_column_without_a_heading_has_its_letter() -> None:
    assert names([["kods"], ["1", "2", "3"]], 0) == ["kods", "B", "C"]


def test_latvian_and_english_headings_mean_the_same() -> None:
    latvian = ["Pers. kods", "VĀRDS", "Uzvārds", "Dzimšanas datums", "Statuss", "Spēkā no", "Spēkā līdz:", "Versija"]
    english = ["Personal code", "First name", "Surname", "Date of birth", "Status", "Valid from", "Valid to", "Version"]
    assert list(guessed(latvian)) == list(guessed(english))
    assert len(guessed(latvian)) == 8
