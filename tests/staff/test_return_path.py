import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.staff.return_path import safe_path


@pytest.mark.parametrize("path", ["/", "/persons/0198?day=2026-05-31", "/reports?month=2026-05&x=%20"])
def test_a_path_of_ours_is_kept(path):
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "persons",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "/a\nb",
        "/\t/evil.example",
        "/" + "a" * 501,
    ],
)
def test_anything_else_leads_to_the_start_page(path):
    assert safe_path(path) == "/"


@given(st.text(max_size=40))
def test_whatever_is_asked_the_answer_stays_on_this_host(asked):
    answer = safe_path(asked)
    assert answer.startswith("/")
    assert not answer.startswith(("//", "/\\"))
