from __future__ import annotations

from sync.sopa import STATUSES, sopa_authority, sopa_mapping


def test_sopa_may_state_each_fact_its_statuses_mean() -> None:
    mapping, authority = sopa_mapping("jlg-sopa"), sopa_authority("jlg-sopa")
    assert all(authority.rank(meaning.fact, "jlg-sopa") == 0 for meaning in mapping.statuses.values())
    assert authority.rank("needy", "rix-sopa") is None


def test_no_two_statuses_mean_the_same() -> None:
    assert len(set(STATUSES.values())) == len(STATUSES)
