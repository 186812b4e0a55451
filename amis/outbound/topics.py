"""What others may follow, by topic, with what each is called."""

from collections.abc import Mapping

from amis.web.i18n import mark

TOPICS: Mapping[str, str] = {
    "entitlement.begins": mark("An entitlement begins"),
    "entitlement.prolonged": mark("An entitlement is prolonged"),
    "entitlement.shortened": mark("An entitlement is shortened"),
    "entitlement.ended": mark("An entitlement ends"),
    "entitlement.changed": mark("An entitlement changes otherwise"),
    "token.requested": mark("A token is requested"),
    "token.approved": mark("A token is approved"),
    "token.produced": mark("A token is made"),
    "token.issued": mark("A token is issued"),
    "token.active": mark("A token becomes active"),
    "token.blocked": mark("A token is blocked"),
    "token.unblocked": mark("A token is unblocked"),
    "token.ended": mark("A token ends"),
    "notice.rejected": mark("A notice is rejected"),
    "notice.conflict": mark("A notice contradicts another one"),
}
