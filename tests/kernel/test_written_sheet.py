"""CSV that spreadsheets open safely."""

import csv
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from amis.kernel.written_sheet import harmless, written


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])), min_size=2, max_size=2)
    )
)
def test_what_is_written_is_read_back(rows):
    content = written(("a", "b"), rows)
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))
    assert read == [["a", "b"], *rows]


def test_no_cell_is_taken_for_a_formula():
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "＝1"):
        assert harmless(text) == f"'{text}"
    assert harmless("Anna =") == "Anna ="
