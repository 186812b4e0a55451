"""The form of a fact entered by hand."""

from amis.granting import fact_form
from rules.vocabulary import FactKind, Vocabulary

VOCABULARY = Vocabulary.of(FactKind("needy", frozenset({"yes"})))
TYPED = {"fact": "needy:yes", "valid_from": "01.03.2026", "valid_to": "", "decision_number": "7", "reason": "Lēmums"}


def test_a_personal_code_typed_into_number_or_reason_is_not_kept() -> None:
    typed = TYPED | {"decision_number": "7/32010112345", "reason": "Lēmums par 320101-12345"}
    change, errors = fact_form.read(typed, VOCABULARY, "clerk-1")
    assert errors == {}
    assert change is not None
    assert change.decision == {"number": "7/[personal code]"}
    assert change.provenance == {"account": "clerk-1", "reason": "Lēmums par [personal code]"}
