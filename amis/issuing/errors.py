"""What issuing refuses; the docstring is the message, `code` is stable."""

from amis.kernel.errors import Conflict, Invalid, NotFound


class TokenUnknown(NotFound):
    """There is no such token."""

    code = "token_unknown"


class StatusListUnknown(NotFound):
    """There is no such status list."""

    code = "status_list_unknown"


class NumberInvalid(Invalid):
    """A token number has 16 letters and digits; this one is mistyped."""

    code = "token_number_invalid"


class ReasonUnknown(Invalid):
    """Choose one of the listed reasons."""

    code = "token_reason_unknown"


class PeriodInvalid(Invalid):
    """A token is valid for at least a day and at most 400 days."""

    code = "token_period_invalid"


class StepRefused(Conflict):
    """The state of the token does not allow this step."""

    code = "token_step_refused"


class TokenHeld(Conflict):
    """The token is blocked for misuse or by the office: settle that and unblock it first."""

    code = "token_held"


class NeverRevived(Conflict):
    """A lost or stolen token is never made active again: replace it."""

    code = "token_never_revived"


class TokenThere(Conflict):
    """The person has a token of this kind already: replace it or end it first."""

    code = "token_there"


class NothingGranted(Conflict):
    """The person has no concession now that a token could carry."""

    code = "token_nothing_granted"


class NotShown(Conflict):
    """Only the code of an active token is shown and printed."""

    code = "token_not_shown"


class NameNotKnown(Conflict):
    """A letter with the name needs the person's name and birth date, and one of them is not known."""

    code = "token_name_not_known"


class DeskUnknown(NotFound):
    """There is no such desk."""

    code = "desk_unknown"


class DeskNameMissing(Invalid):
    """Enter a name of at most 60 characters."""

    code = "desk_name_missing"


class DeskBusy(Conflict):
    """The desk or the card is at work already: finish or stop that first."""

    code = "desk_busy"


class DeskWorkRefused(Conflict):
    """The state of the card does not allow this work on it."""

    code = "desk_work_refused"


class CardNotOfToken(Conflict):
    """The card carries the number of another one."""

    code = "card_not_of_token"


class CardWorkUnknown(NotFound):
    """There is no such work on a card."""

    code = "card_work_unknown"


class StockPiecesInvalid(Invalid):
    """Enter a whole number of cards, from 1 to 100 000."""

    code = "stock_pieces_invalid"


class StockNoteMissing(Invalid):
    """Say what happened: a document, a name or a reason."""

    code = "stock_note_missing"


class StockShort(Conflict):
    """There are fewer cards than that: count them first."""

    code = "stock_short"


class ProductUnknown(Invalid):
    """Choose one of the card products of today."""

    code = "card_product_unknown"


class ApplicantNotEntitled(Invalid):
    """Only a guardian, or a parent of a minor, applies for somebody else."""

    code = "card_applicant_not_entitled"


class PhotoNotTheirs(Invalid):
    """The photo is of somebody else."""

    code = "card_photo_not_theirs"


class PictureUnreadable(Invalid):
    """Choose a JPEG or PNG picture of a face: at least 413 x 531 pixels, at most 8 MB."""

    code = "card_picture_unreadable"


class PoliceReferenceInvalid(Invalid):
    """The number of a police report goes with a stolen card: at most 60 characters."""

    code = "card_police_reference_invalid"


class DeskNotListed(Invalid):
    """Choose one of the desks of the municipality."""

    code = "card_desk_not_listed"


class PostedOnInvalid(Invalid):
    """Enter a day such as 31/05/2026, from the approval of the card to today."""

    code = "card_posted_on_invalid"


class ExplanationMissing(Invalid):
    """Say why, in at most 500 characters."""

    code = "card_explanation_missing"


class CardRequestUnknown(NotFound):
    """There is no such application for a card."""

    code = "card_request_unknown"


class PhotoUnknown(NotFound):
    """There is no such photo."""

    code = "photo_unknown"


class CardThere(Conflict):
    """The person has such a card: say what happened to it, and it is replaced."""

    code = "card_there"


class NoCardToReplace(Conflict):
    """The person has no such card yet: it is the first one."""

    code = "card_none_to_replace"


class ReportedGone(Conflict):
    """The card was reported lost or stolen: choose that as the reason."""

    code = "card_reported_gone"


class CardReplacedAlready(Conflict):
    """This card has a successor already."""

    code = "card_replaced_already"


class CardRequestedAlready(Conflict):
    """An application for such a card is open already."""

    code = "card_requested_already"


class RequestDecided(Conflict):
    """The state of the application does not allow this step."""

    code = "card_request_decided"


class SupervisorDecides(Conflict):
    """The third loss in 12 months: a supervisor decides."""

    code = "card_supervisor_decides"


class HolderDied(Conflict):
    """The person has died."""

    code = "card_holder_died"


class NothingToPay(Conflict):
    """There is nothing to pay for this application."""

    code = "card_nothing_to_pay"


class FeeUnpaid(Conflict):
    """The fee is not paid yet."""

    code = "card_fee_unpaid"


class ByApplication(Conflict):
    """A card is replaced by an application."""

    code = "card_by_application"


class ChipTaken(Conflict):
    """This chip is in another card that is in use."""

    code = "card_chip_taken"


class AnotherChip(Conflict):
    """The work on this card began on another chip: put that one on the reader, or give it up as spoiled."""

    code = "card_another_chip"


class NotEncoded(Conflict):
    """The chip of this card is not written yet."""

    code = "card_not_encoded"


class PrintJobUnknown(NotFound):
    """There is no such print job."""

    code = "print_job_unknown"


class PrinterMissing(Conflict):
    """The desk has no printer."""

    code = "printer_missing"


class PrintGoesOn(Conflict):
    """The printer has this job: wait until it is printed or has failed."""

    code = "print_goes_on"


class BatchUnknown(NotFound):
    """There is no such order."""

    code = "batch_unknown"


class BatchEmpty(Conflict):
    """No approved card waits to be ordered."""

    code = "batch_empty"


class BatchAnswered(Conflict):
    """Every card of this order is answered for already."""

    code = "batch_answered"


class BatchNotSent(Conflict):
    """Say first that the order was sent."""

    code = "batch_not_sent"


class AnswerFaulty(Conflict):
    """The answer has faults, so nothing of it was taken."""

    code = "batch_answer_faulty"


class CampaignUnknown(NotFound):
    """There is no such campaign."""

    code = "campaign_unknown"


class CampaignInvalid(Invalid):
    """A campaign has a name of at most 100 characters."""

    code = "campaign_invalid"


class CampaignDaysInvalid(Invalid):
    """Cards that expire from today on are kept until a day after that, at most a year later."""

    code = "campaign_days_invalid"
