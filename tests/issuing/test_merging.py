"""What was asked for by two persons who turn out to be one."""

import pytest

from amis.issuing import request_store, service, store
from amis.issuing.merging import carry_tokens
from amis.issuing.service import CardRequest
from amis.kernel.db import Transaction
from amis.register import service as register
from amis.register.carrying import Carriage
from amis.register.service import Pair
from tests.issuing.cards_town import PRODUCT, in_use, product
from tests.issuing.town import CODES, acting, entitled

pytestmark = pytest.mark.usefixtures("town")


async def test_of_two_open_applications_for_one_card_one_goes_on_and_cards_follow() -> None:
    await product()
    kept, other, third = await entitled(), await entitled(CODES[0]), await entitled(CODES[1])
    card = await in_use(third)

    async def work(tx: Transaction) -> None:
        for person_id in (kept, other):
            await service.request(tx, CardRequest(person_id, PRODUCT, "first"))
        for person_id in (other, third):
            edge = await register.merge(tx, Pair(kept, person_id), ("test", str(person_id)))
            assert edge is not None
            moved = await carry_tokens(tx, Carriage(edge.from_id, edge.to_id))
            assert len(moved["token_application"]) == 1
        lines = await request_store.requests_of(tx, kept)
        said = sorted((line.request.state, line.request.decision) for line in lines)
        assert said == [("done", ""), ("submitted", ""), ("withdrawn", "merged")]
        assert [one.id for one in await store.tokens_of(tx, kept)] == [card.id]

    await acting(work)
