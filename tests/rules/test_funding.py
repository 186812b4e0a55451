"""Who pays a discount, exact to the hundredth of a cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import MissingKey, OutOfRange, Refused, UnknownKey, WrongType
from rules.funding import ONE_FUNDER, Funding, Part, split
from tests.rules.draws import amounts

_parts = st.one_of(
    st.builds(Part, st.text("ABC", min_size=1), amount=amounts.filter(bool)),
    st.builds(Part, st.text("ABC", min_size=1), st.integers(1, 10_000).map(lambda part: Decimal(part) / 100)),
)
fundings = st.lists(_parts, max_size=4, unique_by=lambda part: part.funder).map(lambda parts: Funding(tuple(parts)))


@given(amounts, fundings)
def test_the_parts_add_up_to_the_discount_and_none_is_negative(discount: Decimal, funding: Funding) -> None:
    parts = split(discount, funding, "OWN")
    assert sum(paid for _, paid in parts) == discount
    assert all(paid >= 0 for _, paid in parts)
    assert [funder for funder, _ in parts] == ([part.funder for part in funding.parts] or ["OWN"])


@given(amounts, st.integers(1, 9_999))
def test_two_shares_are_each_within_a_ten_thousandth_of_their_part(discount: Decimal, hundredths: int) -> None:
    share = Decimal(hundredths) / 100
    parts = split(discount, Funding((Part("A", share), Part("B", 100 - share))), "OWN")
    for (_, paid), per_cent in zip(parts, (share, 100 - share), strict=True):
        assert abs(paid - discount * per_cent / 100) <= Decimal("0.0001")


@given(fundings)
def test_a_funding_that_is_accepted_is_written_and_read_the_same(funding: Funding) -> None:
    try:
        read = Funding.from_json(funding.to_json())
    except OutOfRange:
        shares = [part.share for part in funding.parts if part.share is not None]
        assert sum(shares) != 100
        return
    assert read == funding


def test_without_parts_the_concessions_own_funder_pays_all() -> None:
    assert Funding.from_json([]) == ONE_FUNDER
    assert not ONE_FUNDER
    assert split(Decimal("0.4250"), ONE_FUNDER, "JLG") == (("JLG", Decimal("0.4250")),)


def test_a_discount_smaller_than_the_first_amount_is_paid_by_the_first_alone() -> None:
    funding = Funding((Part("LV", amount=Decimal("1.545")), Part("RIX", amount=Decimal("1.545"))))
    assert split(Decimal("1.20"), funding, "RIX") == (("LV", Decimal("1.20")), ("RIX", Decimal("0.00")))


def test_the_last_pays_what_an_amount_and_a_rounded_share_leave() -> None:
    funding = Funding((Part("LV", amount=Decimal(1)), Part("RIX", Decimal("33.33")), Part("EU", Decimal("66.67"))))
    parts = dict(split(Decimal("1.0001"), funding, "RIX"))
    assert parts == {"LV": Decimal(1), "RIX": Decimal("0.0001"), "EU": Decimal(0)}


@pytest.mark.parametrize(
    ("value", "error", "place"),
    [
        ({}, WrongType, ""),
        ([{"funder": "LV"}], MissingKey, "/0/share"),
        ([{"share": "100"}], MissingKey, "/0/funder"),
        ([{"funder": "LV", "share": "50", "amount": "1"}], UnknownKey, "/0/share"),
        ([{"funder": "LV", "share": 50}], WrongType, "/0/share"),
        ([{"funder": "LV", "share": "0"}], OutOfRange, "/0/share"),
        ([{"funder": "LV", "share": "101"}], OutOfRange, "/0/share"),
        ([{"funder": "LV", "amount": "0.00"}], OutOfRange, "/0/amount"),
        ([{"funder": "", "amount": "1"}], OutOfRange, "/0/funder"),
        ([{"funder": "LV", "share": "50"}], OutOfRange, ""),
        ([{"funder": "LV", "share": "50"}, {"funder": "RIX", "share": "49.99"}], OutOfRange, ""),
        ([{"funder": "LV", "share": "50"}, {"funder": "LV", "share": "50"}], OutOfRange, ""),
        (
            [{"funder": "A", "amount": "1"}, {"funder": "B", "share": "60"}, {"funder": "C", "share": "60"}],
            OutOfRange,
            "",
        ),
    ],
)
def test_a_funding_that_does_not_fit_is_refused_with_its_place(value: object, error: type[Refused], place: str) -> None:
    with pytest.raises(error) as caught:
        Funding.from_json(value)
    assert caught.value.place == place
