"""Messages in the shapes of the published v1.0.0 sample set of the social registry, with people and numbers of our own.

The set has six exchanges: search by score, by size and for widowed women answered with groups and with members
(1-1, 1-2, 1-3), and searches for persons by number, age and score (2, 3a, 4). The answers to subscriptions, the
notification and the report on a transaction have the shapes of the interface's description.
"""

from __future__ import annotations

import copy
from typing import Any

REGISTRY, OWN = "sr.sociala.test", "amis.jelgava.test"
TRANSACTION = "018f0000-0000-7000-8000-000000000001"
ANNA, JANIS, ZANE, OLGA = "161175-19997", "120380-11230", "050512-21237", "32345678903"
"""Personal codes (the older form with its check digit, and the newer one)."""
CONTEXT = {"@vocab": "https://schema.spdci.org/extensions/social/v1", "schema": "http://schema.org/"}


def header(action: str, message_id: str = "m-1", **members: Any) -> dict[str, Any]:
    """A header as the samples write it: counts as text, empty members."""
    usual = {
        "version": "1.0.0",
        "message_id": message_id,
        "message_ts": "2026-03-10T08:00:00.555Z",
        "action": action,
        "status": "rcvd",
        "status_reason_code": "",
        "status_reason_message": "",
        "total_count": "1",
        "completed_count": "",
        "sender_id": REGISTRY,
        "receiver_id": OWN,
        "is_msg_encrypted": False,
        "meta": "",
    }
    return usual | members


def person(code: str, given: str, surname: str, born: str, kind: str = "NID") -> dict[str, Any]:
    """`person` inside `demographic_info`, as the group samples have it."""
    return {
        "identifier": [{"identifier_type": kind, "identifier_value": code}],
        "name": {"first_name": given, "second_name": "", "surname": surname},
        "sex": "F",
        "birth_date": f"{born}T00:00:00Z",
        "death_date": " ",
        "address": {},
        "email": " ",
    }


def member(human: dict[str, Any], number: str) -> dict[str, Any]:
    """A member of a group, as sample 1-3 has it; it says nothing of when it was updated."""
    return {
        "member_identifier": [{"identifier_type": "MEMBER", "identifier_value": number}],
        "demographic_info": {"person": human},
        "relationship_head": "self",
        "related_person": {},
        "is_disabled": "0",
        "disability_info": " ",
        "marital_status": "Widow",
        "employment_status": "employed",
        "occupation": "Caregiver",
        "income_level": " ",
        "language_code": "lav",
        "registration_date": "2022-01-10T08:00:00Z",
    }


def needy(**members: Any) -> dict[str, Any]:
    """The agreed attribute in the list of additional ones."""
    value = {"status": "TRUCIGA", "valid_from": "2026-03-01", "valid_to": "2026-05-31"} | members
    return {"attribute_name": "social_status", "attribute_value": value}


def group(*members: dict[str, Any], attributes: list[Any] | None = None) -> dict[str, Any]:
    """A group, as samples 1-1 and 1-2 have it: each member wrapped, the last update left blank or given."""
    return {
        "@context": CONTEXT,
        "@id": "Group",
        "@type": "Group",
        "group_identifier": [{"identifier_type": "HH", "identifier_value": "MS-204"}],
        "place": {"geo": {"latitude": "56.6511", "longitude": "23.7213"}, "address": "Lielā iela 11, Jelgava"},
        "place_address": 1,
        "poverty_score": "4.0",
        "poverty_score_type": "",
        "group_size": str(len(members)),
        "group_head_info": {"person": members[0]["demographic_info"]["person"]},
        "member_list": [{"household_member": one} for one in members],
        "additional_attributes": attributes or [],
        "registration_date": "2022-05-20T00:00:00Z",
        "last_update": " ",
    }


def sr_person(code: str, *, listed: bool, kind: str) -> dict[str, Any]:
    """A person with everything around, as samples 2, 3a and 4 have it; there the name is one object, here a list."""
    name = {"@type": "Name", "surname": "Ķēniņa", "given_name": "Žanete", "second_name": "", "prefix": "Dr."}
    return {
        "@context": CONTEXT,
        "@id": kind,
        "@type": kind,
        "identifier": [
            {"@type": "Identifier", "identifier_type": "UIN", "identifier_value": code},
            {"@type": "Identifier", "identifier_type": "BRN", "identifier_value": "BRN-947951"},
        ],
        "name": [name] if listed else name,
        "sex": "female",
        "birth_date": "1975-11-16T11:20:00",
        "marital_status": "M",
        "is_disabled": "1",
        "disability_type": ["716710007"],
        "functional_severity": ["0"],
        "nationality": ["ISO 3166-2:LV"],
        "is_deceased": "3",
        "death_date": "",
        "address": [{"@id": "Address_1", "@type": "Address", "locality": "Jelgava", "country_code": "LV"}],
        "phone_number": ["+371 63000000"],
        "household_identifier": "",
        "household_status": "1",
        "poverty_score": "",
        "parent1_identifier": {"@type": "Identifier", "identifier_type": "UIN", "identifier_value": OLGA},
        "registration_date": "2020-09-21T11:20:00",
        "last_updated": "",
    }


def beneficiary(code: str, **enrolment: Any) -> dict[str, Any]:
    """A member enrolled in a programme, as the report on a transaction has it: days with dots, identifiers bare."""
    enrolled = {
        "programme": {"programme_identifier": "TRUCIGA", "programme_name": "Trūcīga persona"},
        "enrolment_date": "01.03.2026",
        "enrolment_status": "Active",
        "status_change_date": "",
        "benefits": {"benefit_type": "Cash", "benefit_value": "EUR 50", "benefit_frequency": "Monthly"},
    }
    human = {
        "identifier_type": "NID",
        "identifier_value": code,
        "name": {"first_name": "Jānis", "second_name": "Pēteris", "surname": "Bērziņš"},
        "birth_date": "12.03.1980",
        "death_date": "",
        "address": "",
    }
    return {
        "@context": CONTEXT,
        "@id": "Beneficiary",
        "@type": "Beneficiary",
        "assistance_unit": "1",
        "member": {
            "member_identifier": "HS0205202401",
            "demographic_info": {"person": human},
            "is_disabled": "0",
            "registration_date": "02.05.2024",
            "last_update": "",
            "programme_identifier": enrolled | enrolment,
        },
    }


def found(*records: dict[str, Any], transaction: str = TRANSACTION, **members: Any) -> dict[str, Any]:
    """The message of on-search: one answer with these records."""
    answer = {
        "reference_id": "",
        "timestamp": "2026-03-10T09:59:00+02:00",
        "status": "rcvd",
        "status_reason_code": "",
        "status_reason_message": "",
        "data": {"version": "1.0.0", "reg_records": list(records)},
        "pagination": {"page_size": 10, "page_number": 1, "total_count": ""},
        "locale": "",
    }
    return {
        "transaction_id": transaction,
        "correlation_id": "9876543210",
        "search_response": [copy.deepcopy(answer | members)],
    }


def notified(*records: Any, **members: Any) -> dict[str, Any]:
    """The message of notify: one event with these records; one alone stands without a list."""
    data = {
        "version": "1.0.0",
        "reg_event_type": "REGISTER",
        "response_entity": "Group",
        "reg_records": records[0] if len(records) == 1 else list(records),
    }
    event = {"reference_id": "ref-1", "timestamp": "2026-03-10T09:59:00+02:00", "data": data, "locale": "lav"}
    return {"transaction_id": "t-1", "notify_event": [copy.deepcopy(event | members)]}


def subscribed(*codes: str, transaction: str = TRANSACTION, **members: Any) -> dict[str, Any]:
    """The message of on-subscribe."""
    said = {"reference_id": "", "timestamp": "2026-03-10T09:59:00+02:00", "status": "succ", "status_reason_code": ""}
    subscriptions = [{"version": "1.0.0", "code": code, "status": "subscribe"} for code in codes]
    answer = said | {"subscriptions": subscriptions, "pagination": None, "locale": "lav"} | members
    return {"transaction_id": transaction, "correlation_id": "c-1", "subscribe_response": [answer]}


def unsubscribed(*codes: str, transaction: str = TRANSACTION) -> dict[str, Any]:
    """The message of on-unsubscribe."""
    statuses = [{"code": code, "status": "unsubscribe"} for code in codes]
    said = {"timestamp": "2026-03-10T09:59:00+02:00", "status": "succ", "status_reason_code": ""}
    return {"transaction_id": transaction, "correlation_id": "c-1", **said, "subscription_status": statuses}


def reported(inner: dict[str, Any], kind: str = "search") -> dict[str, Any]:
    """The message of txn/on-status around the answer to what was asked."""
    response = {"txn_type": kind, "txn_status": inner}
    return {"transaction_id": inner["transaction_id"], "correlation_id": "c-2", "txnstatus_response": response}


def search_request() -> dict[str, Any]:
    """The request of every sample exchange, which a subscriber sends and never takes."""
    criteria = {
        "version": "1.0.0",
        "reg_event_type": "SEARCH",
        "query_type": "expression",
        "query": {"type": "ns:org:QueryType:NoSql", "value": {"expression": {"collection": "Group"}}},
        "sort": [{"attribute_name": "poverty_score", "sort_order": "asc"}],
        "pagination": {"page_size": 10, "page_number": 1},
        "consent": "",
        "authorize": "",
    }
    request = {"reference_id": "", "timestamp": "2026-03-10T17:20:07-04:00", "search_criteria": criteria}
    return {"transaction_id": "", "search_request": [request]}
