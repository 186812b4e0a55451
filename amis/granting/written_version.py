"""Which version of a rule a form writes, and where that form lives."""

from dataclasses import dataclass

from amis.granting.store import RuleView
from amis.web.i18n import mark


@dataclass(frozen=True, slots=True)
class Where:
    """Which version is written: `rule` and `version` None for a new rule, `version` None for a further one."""

    rule: RuleView | None = None
    version: int | None = None

    @property
    def address(self) -> str:
        """Where the form is sent."""
        if self.rule is None:
            return "/rules/new"
        step = "new" if self.version is None else f"{self.version}/edit"
        return f"/rules/{self.rule.id}/versions/{step}"

    @property
    def back(self) -> str:
        """Where it leads when it is given up."""
        if self.rule is None:
            return "/rules"
        return f"/rules/{self.rule.id}" + (f"/versions/{self.version}" if self.version else "")

    @property
    def title(self) -> str:
        """The heading, marked."""
        if self.rule is None:
            return mark("New rule")
        return mark("New version of the rule") if self.version is None else mark("Change the draft")
