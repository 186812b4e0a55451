"""The doors of stock, orders, campaigns and printing, as somebody who may do all of it meets them."""

from dataclasses import replace

from fastapi import FastAPI

from amis.issuing.batch_pages import pages as batch_pages
from amis.issuing.campaign_pages import pages as campaign_pages
from amis.issuing.print_pages import pages as print_pages
from amis.issuing.stock_pages import pages as stock_pages
from amis.kernel.actor import Actor
from amis.reporting.misuse_pages import pages as misuse_pages
from tests.concessions.doors import application
from tests.issuing.town import CLERK

_HELD = {"batch.write", "card.produce", "recovery.read", "stock.read", "stock.write"}
KEEPER = replace(CLERK, permissions=CLERK.permissions | _HELD)


def back_office(actor: Actor = KEEPER) -> FastAPI:
    """The pages for an actor."""
    return application(actor, stock_pages, batch_pages, campaign_pages, print_pages, misuse_pages)
