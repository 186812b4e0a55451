"""Short notices after a redirect: `?notice=<code>` names one of these texts, so no address can put words on a page."""

from collections.abc import Mapping

from amis.web.i18n import mark

NOTICES: Mapping[str, str] = {
    "saved": mark("The changes are saved."),
    "created": mark("The record is created."),
    "removed": mark("The record is removed."),
    "recorded": mark("The fact is recorded."),
    "published": mark("The rule is published."),
    "tested": mark("All cases pass."),
    "submitted": mark("The version waits for the approval of a colleague."),
    "approved": mark("The version is approved and can be published."),
    "returned": mark("The version is a draft again."),
    "retired": mark("The version is retired."),
    "issued": mark("The token is issued."),
    "blocked": mark("The token is blocked."),
    "unblocked": mark("The token is active again."),
    "replaced": mark("The token is replaced."),
    "ended": mark("The token is ended."),
    "order-published": mark("The order is in force."),
    "order-withdrawn": mark("The order is withdrawn."),
    "application-submitted": mark("The application waits for a decision."),
    "application-approved": mark("The application is approved."),
    "application-refused": mark("The application is refused."),
    "application-withdrawn": mark("The application is withdrawn."),
    "list-applied": mark("The list is applied."),
    "list-going-on": mark("The first persons of the list are done; the rest follow within minutes."),
    "signed-out": mark("You are signed out."),
    "session-ended": mark("You were signed out because you were away. Sign in again."),
    "password-changed": mark("The password is changed."),
    "second-factor-set": mark("The second step of sign-in is set up."),
}
