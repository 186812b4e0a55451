"""Concessions in the words of NeTEx (CEN/TS 16614-3): a publication with one fare frame, valid against its schema 1.2.

Each concession is a USER PROFILE with its FREQUENCY OF USE, USAGE VALIDITY PERIOD, ELIGIBILITY CHANGE POLICY and, for
those who travel along, COMPANION PROFILE; what it takes off the price is a DISCOUNTING or LIMITING RULE. The days are
those of the terms in force. Limits that NeTEx has no element for (carry-over, money allowances) stand in words.
"""

from datetime import datetime
from xml.etree import ElementTree

from amis.concessions.exporting import Offer, Sheet
from amis.concessions.wording import quota_in_words
from amis.web.formats import last_day
from rules.quota import Per
from rules.tariff import QUANTUM, Discount, DiscountKind

NAMESPACE = "http://www.netex.org.uk/netex"
VERSION = "1.2"
_INTERVALS = {Per.DAY: "P1D", Per.WEEK: "P7D", Per.MONTH: "P1M", Per.YEAR: "P1Y"}
_BECOMING = {"automatic": "automatic", "invite": "invite", "on_application": "noAction"}
_CEASING = {
    "immediate_termination": "immediateTermination",
    "use_until_expiry": "useUntilExpiry",
    "terminate_after_grace_period": "terminateAfterGracePeriod",
}


def export(sheet: Sheet, at: datetime) -> bytes:
    """The publication as XML in UTF-8; `at` is the moment of publication, aware."""
    root = ElementTree.Element("PublicationDelivery", {"xmlns": NAMESPACE, "version": VERSION})
    _add(root, "PublicationTimestamp", at.isoformat())
    _add(root, "ParticipantRef", sheet.grantor.code)
    frame = _element(_add(root, "dataObjects"), "FareFrame", sheet, sheet.grantor.code, sheet.day.isoformat())
    _name(frame, sheet.grantor.name_lv)
    _pricing(frame, sheet)
    if sheet.offers:
        parameters = _add(frame, "usageParameters")
        for offer in sheet.offers:
            _offer(parameters, sheet, offer)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _pricing(frame: ElementTree.Element, sheet: Sheet) -> None:
    prices = _element(frame, "PricingParameterSet", sheet, "prices", sheet.day.isoformat())
    if sheet.offers:
        rules = _add(prices, "pricingRules")
        for offer in sheet.offers:
            _price(rules, sheet, offer, offer.concession.code, offer.terms.discount)
            for product, part in offer.terms.discount.products:
                _price(rules, sheet, offer, f"{offer.concession.code}:{product}", part)
    rounding = _element(_add(prices, "roundings"), "Rounding", sheet, "use", sheet.day.isoformat())
    _name(rounding, "katrai lietošanas reizei")
    _add(rounding, "RoundingMethod", "split")  # half up
    _add(rounding, "RoundingModulus", str(QUANTUM))


def _price(rules: ElementTree.Element, sheet: Sheet, offer: Offer, key: str, discount: Discount) -> None:
    fixed = discount.kind in (DiscountKind.FIXED_PRICE, DiscountKind.CAP)
    rule = _element(rules, "LimitingRule" if fixed else "DiscountingRule", sheet, key, str(offer.revision))
    _name(rule, offer.concession.name_lv)
    if fixed or discount.kind is DiscountKind.AMOUNT_OFF:
        _add(rule, "Currency", "EUR")
    if fixed:
        _add(rule, "MaximumPrice", str(discount.value))
    elif discount.kind is DiscountKind.AMOUNT_OFF:
        _add(rule, "DiscountAsValue", str(discount.value))
    else:
        _add(rule, "DiscountAsPercentage", "100" if discount.kind is DiscountKind.FREE else str(discount.value))


def _offer(parameters: ElementTree.Element, sheet: Sheet, offer: Offer) -> None:
    _profile(parameters, sheet, offer)
    _frequency(parameters, sheet, offer)
    _validity(parameters, sheet, offer)
    _policy(parameters, sheet, offer)


def _profile(parameters: ElementTree.Element, sheet: Sheet, offer: Offer) -> None:
    profile = _parameter(parameters, "UserProfile", sheet, offer)
    _name(profile, offer.concession.name_lv)
    _add(profile, "Description", offer.concession.legal_basis, lang="lv")
    if offer.terms.terms.companions:
        companion = _parameter(_add(profile, "companionProfiles"), "CompanionProfile", sheet, offer)
        _add(companion, "CompanionRelationshipType", "anyone")
        _add(companion, "MaximumNumberOfPersons", str(offer.terms.terms.companions))


def _frequency(parameters: ElementTree.Element, sheet: Sheet, offer: Offer) -> None:
    frequency, quota = _parameter(parameters, "FrequencyOfUse", sheet, offer), offer.terms.quota
    if quota is None:
        _add(frequency, "FrequencyOfUseType", "unlimited")
        return
    _add(frequency, "Description", quota_in_words(quota, "lv"), lang="lv")
    _add(frequency, "FrequencyOfUseType", "limited")
    if quota.amount is None:
        _add(frequency, "MaximalFrequency", str(quota.n))
        if quota.per in _INTERVALS:
            _add(frequency, "FrequencyInterval", _INTERVALS[quota.per])


def _validity(parameters: ElementTree.Element, sheet: Sheet, offer: Offer) -> None:
    validity = _parameter(parameters, "UsageValidityPeriod", sheet, offer)
    _add(validity, "ValidityPeriodType", "openEnded" if offer.terms.valid_to is None else "other")
    _add(validity, "StartDate", offer.terms.valid_from.isoformat())
    if offer.terms.valid_to is not None:
        _add(validity, "EndDate", last_day(offer.terms.valid_to).isoformat())


def _policy(parameters: ElementTree.Element, sheet: Sheet, offer: Offer) -> None:
    if offer.on_becoming is None or offer.on_ceasing is None:
        return
    policy = _parameter(parameters, "EligibilityChangePolicy", sheet, offer)
    _add(policy, "OnBecomingEligiblePolicy", _BECOMING[offer.on_becoming])
    _add(policy, "OnCeasingToBeEligiblePolicy", _CEASING[offer.on_ceasing])


def _parameter(parent: ElementTree.Element, tag: str, sheet: Sheet, offer: Offer) -> ElementTree.Element:
    return _element(parent, tag, sheet, offer.concession.code, str(offer.revision))


def _element(parent: ElementTree.Element, tag: str, sheet: Sheet, key: str, version: str) -> ElementTree.Element:
    return _add(parent, tag, id=f"{sheet.grantor.code}:{tag}:{key}", version=version)


def _name(parent: ElementTree.Element, text: str) -> None:
    _add(parent, "Name", text, lang="lv")


def _add(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, tag, attributes)
    made.text = text
    return made
