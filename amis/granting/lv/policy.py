"""How a right begins where it does not begin by itself."""

from dataclasses import replace

from amis.granting.effective import OnBecoming
from amis.granting.service import RuleDraft


def on_application(draft: RuleDraft) -> RuleDraft:
    """The same rule, for those who ask for it."""
    return replace(draft, on_becoming=OnBecoming.ON_APPLICATION)
