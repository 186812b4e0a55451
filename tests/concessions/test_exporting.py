"""Concessions for other systems: NeTEx read back by an XML parser, rider categories by a reader of CSV."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amis.concessions import gtfs, netex, service, store
from amis.concessions.drafts import ConcessionDraft, Description, GroupDraft, TermsDraft
from amis.concessions.exporting import Offer, Sheet, gather
from amis.concessions.models import Concession
from amis.concessions.seed_lv import CLASSIFIERS, seed
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.models import Municipality
from rules.quota import Per, Quota
from rules.tariff import Discount, DiscountKind
from rules.terms import Terms
from tests.concessions.rows import drafts

AT = datetime(2026, 4, 15, 9, 30, tzinfo=UTC)
DAY = AT.date()
JELGAVA = Municipality(id=2, code="JLG", name_lv="Jelgava & <Zemgale>", name_en="Jelgava")
FREE = Discount(DiscountKind.FREE)
NETEX = {"n": netex.NAMESPACE}


def offer(terms: TermsDraft, name: str = "Pensionāri", code: str = "JLG-PENS", **policies: str) -> Offer:
    concession = Concession(code=code, name_lv=name, name_en=name, legal_basis="5. punkts")
    return Offer(concession, 3, terms, **policies)


def read(written: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(written)  # noqa: S314  # written by ourselves a moment ago


def published(*offers: Offer) -> ElementTree.Element:
    return read(netex.export(Sheet(JELGAVA, DAY, offers), AT))


def text(root: ElementTree.Element, path: str) -> str | None:
    return root.findtext(f".//n:{path.replace('/', '/n:')}", namespaces=NETEX)


def test_terms_are_told_with_the_words_of_netex() -> None:
    limits = Terms(zones=frozenset({"city"}), companions=1)
    terms = TermsDraft(date(2026, 1, 1), date(2027, 1, 1), FREE, Quota(20, Per.MONTH, "10-31"), limits)
    root = published(offer(terms, on_becoming="on_application", on_ceasing="use_until_expiry"))
    assert root.tag == f"{{{netex.NAMESPACE}}}PublicationDelivery"
    assert text(root, "FareFrame/Name") == "Jelgava & <Zemgale>"
    assert text(root, "UserProfile/Name") == "Pensionāri"
    assert text(root, "FrequencyOfUse/FrequencyOfUseType") == "limited"
    assert text(root, "FrequencyOfUse/MaximalFrequency") == "20"
    assert text(root, "FrequencyOfUse/FrequencyInterval") == "P1M"
    assert text(root, "UsageValidityPeriod/StartDate") == "2026-01-01"
    assert text(root, "UsageValidityPeriod/EndDate") == "2026-12-31"
    assert text(root, "CompanionProfile/MaximumNumberOfPersons") == "1"
    assert text(root, "EligibilityChangePolicy/OnBecomingEligiblePolicy") == "noAction"
    assert text(root, "EligibilityChangePolicy/OnCeasingToBeEligiblePolicy") == "useUntilExpiry"
    assert text(root, "Rounding/RoundingMethod") == "split"


@pytest.mark.parametrize(
    ("discount", "path", "value"),
    [
        (FREE, "DiscountingRule/DiscountAsPercentage", "100"),
        (Discount(DiscountKind.PERCENT, Decimal(50)), "DiscountingRule/DiscountAsPercentage", "50"),
        (Discount(DiscountKind.AMOUNT_OFF, Decimal("0.50")), "DiscountingRule/DiscountAsValue", "0.50"),
        (Discount(DiscountKind.FIXED_PRICE, Decimal("0.05")), "LimitingRule/MaximumPrice", "0.05"),
        (Discount(DiscountKind.CAP, Decimal(2)), "LimitingRule/MaximumPrice", "2"),
    ],
)
def test_each_kind_of_discount_has_its_rule(discount: Discount, path: str, value: str) -> None:
    assert text(published(offer(TermsDraft(DAY, None, discount))), path) == value


@given(st.lists(drafts(), max_size=3), st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20))
def test_whatever_is_given_is_well_formed_and_every_id_stands_once(given_terms: list[TermsDraft], name: str) -> None:
    offers = [offer(terms, name, f"JLG-{number}") for number, terms in enumerate(given_terms)]
    root = published(*offers)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert len(root.findall(".//n:UserProfile", NETEX)) == len(offers)
    assert {element.text for element in root.findall(".//n:UserProfile/n:Name", NETEX)} <= {name, None}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20))
def test_rider_categories_are_read_back_as_they_were_written(name: str) -> None:
    written = gtfs.export(Sheet(JELGAVA, DAY, (offer(TermsDraft(DAY, None, FREE), name),)), "https://jelgava.lv/a/")
    [row] = csv.DictReader(io.StringIO(written.decode(), newline=""))
    assert row == {
        "rider_category_id": "JLG-PENS",
        "rider_category_name": name,
        "is_default_fare_category": "0",
        "eligibility_url": "https://jelgava.lv/a/JLG-PENS",
    }


async def test_only_what_is_in_force_on_the_day_is_gathered(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        await seed(tx)
        row = await store.by_code(tx, jelgava.municipality_id or 0, "JLG-REPR20")
        assert row is not None
        await service.retire(tx, row.id, "")
        now, later = await gather(tx, DAY), await gather(tx, date(2027, 1, 1))
    assert [one.concession.code for one in now.offers] == ["JLG-NEEDY20", "JLG-ORPHAN5", "JLG-PENS", "JLG-PUPIL4"]
    assert [one.concession.code for one in later.offers] == ["JLG-ORPHAN5", "JLG-PENS", "JLG-PUPIL4"]
    assert now.offers[2].revision == 3


async def test_a_municipality_exports_its_own_and_not_the_states(jelgava: Actor, state: Actor) -> None:
    said = Description("Visi", "Everybody", "ALL", "1. punkts", "LV")
    async with transaction(state) as tx:
        await service.define_group(tx, GroupDraft("ALL", "Visi", "All"))
        await service.define_concession(tx, ConcessionDraft("LV-ALL", said, TermsDraft(DAY, None, FREE)))
    async with transaction(jelgava) as tx:
        assert (await gather(tx, DAY)).offers == ()


@pytest.mark.parametrize("grantor", CLASSIFIERS)
async def test_everything_that_is_seeded_can_be_exported(jelgava: Actor, grantor: int) -> None:
    async with transaction(system("seed", grantor)) as tx:
        await seed(tx)
        sheet = await gather(tx, date(2022, 10, 1) if grantor != 5 else date(2013, 10, 1))
    assert sheet.offers
    root = read(netex.export(sheet, AT))
    names = [element.text for element in root.findall(".//n:UserProfile/n:Name", NETEX)]
    assert names == [one.concession.name_lv for one in sheet.offers]
    rows = list(csv.DictReader(io.StringIO(gtfs.export(sheet).decode(), newline="")))
    assert [row["rider_category_id"] for row in rows] == [one.concession.code for one in sheet.offers]


def test_a_money_allowance_stands_in_words() -> None:
    allowance = replace(TermsDraft(DAY, None, FREE), quota=Quota(0, Per.MONTH, None, Decimal("30.00")))
    root = published(offer(allowance))
    assert text(root, "FrequencyOfUse/Description") == "atlaides kopā ne vairāk kā 30,00 EUR kalendāra mēnesī"
    assert text(root, "FrequencyOfUse/MaximalFrequency") is None
