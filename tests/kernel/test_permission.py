"""The mark on an endpoint."""

from amis.kernel.permission import PUBLIC, permission, permission_of


def test_an_endpoint_keeps_its_mark_and_stays_itself() -> None:
    def page() -> str:
        return "page"

    assert permission(PUBLIC)(page) is page
    assert permission_of(page) == PUBLIC


def test_an_endpoint_without_a_mark_has_no_permission() -> None:
    assert permission_of(lambda: None) is None
