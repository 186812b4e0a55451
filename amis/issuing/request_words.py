"""How states, reasons and waivers of applications for cards are called on pages; marked English texts by code."""

from collections.abc import Mapping

from amis.issuing.reasons import WAIVED_BY_HAND, Delivery, RequestReason, Waiver
from amis.register.alike import Likeness
from amis.web.i18n import mark

STATES: Mapping[str, str] = {
    "submitted": mark("Waiting for a decision"),
    "referred": mark("Waiting for a supervisor"),
    "approved": mark("Approved"),
    "done": mark("With the holder"),
    "refused": mark("Refused"),
    "withdrawn": mark("Withdrawn"),
}
REASONS: Mapping[str, str] = {
    RequestReason.FIRST: mark("The first card"),
    RequestReason.LOST: mark("Lost card"),
    RequestReason.STOLEN: mark("Stolen card"),
    RequestReason.DAMAGED: mark("Damaged card"),
    RequestReason.RENEWAL: mark("The card ends soon or has ended"),
    RequestReason.MOVED: mark("Moved here from another municipality"),
}
WAIVERS: Mapping[str, str] = {
    Waiver.POLICE_REPORT: mark("Stolen, and reported to the police"),
    Waiver.OFFICE_FAULT: mark("The office's own mistake or a defective card"),
    Waiver.HARDSHIP: mark("Hardship"),
    Waiver.CAMPAIGN: mark("Renewed by the municipality itself"),
    Waiver.NOT_RECEIVED: mark("The card before it never reached its holder"),
}
OFFERED_WAIVERS: Mapping[str, str] = {waiver: WAIVERS[waiver] for waiver in WAIVED_BY_HAND}
DELIVERIES: Mapping[str, str] = {
    Delivery.DESK: mark("Collected at the desk"),
    Delivery.POST: mark("By post"),
}
LIKENESS: Mapping[str, str] = {
    Likeness.NAME: mark("the same name"),
    Likeness.BORN: mark("the same birth date and part of the name"),
    "photo": mark("the very same picture"),
}
EXPLAINED: Mapping[str, str] = {
    "deceased": mark("The person has died"),
    "moved": mark("The person has moved away"),
    "merged": mark("The person had asked for it under another code already"),
}
"""What the system itself gives as the reason of a withdrawal."""
