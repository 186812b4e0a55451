"""Server-sent events."""

from amis.web.events import event


def test_each_line_is_a_field_and_an_empty_line_ends_the_event() -> None:
    assert event("now", "<p>one</p>\n\n  <p>two</p>") == "event: now\ndata: <p>one</p>\ndata:   <p>two</p>\n\n"
