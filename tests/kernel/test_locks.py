"""The list of advisory locks."""

from amis.kernel.locks import Lock


def test_no_two_purposes_share_a_number() -> None:
    # An alias, which is what a repeated number makes in an enumeration, is a member by name only.
    assert len(Lock.__members__) == len(list(Lock))
