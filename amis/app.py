"""The web process: every room's doors in one application, behind the guard."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, cast

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from amis.concessions.api import router as concessions_api
from amis.concessions.pages import pages as concessions_pages
from amis.granting.application_pages import pages as application_pages
from amis.granting.group_pages import pages as group_pages
from amis.granting.kinship_pages import pages as kinship_pages
from amis.granting.list_pages import ADDRESSES as LIST_ADDRESSES
from amis.granting.list_pages import BODY_LIMIT as LIST_LIMIT
from amis.granting.list_pages import pages as list_pages
from amis.granting.pages import pages as granting_pages
from amis.granting.suspension_pages import pages as suspension_pages
from amis.holder import app_files as holder_app
from amis.holder.api import router as holder_api
from amis.holder.letter_pages import pages as letter_pages
from amis.holder.pages import pages as holder_pages
from amis.intake.api import BODY_LIMIT, EVENTS
from amis.intake.api import router as intake_api
from amis.intake.batch_api import BATCHES
from amis.intake.batch_api import BODY_LIMIT as BATCH_LIMIT
from amis.intake.batch_api import router as intake_batch_api
from amis.intake.pages import pages as intake_pages
from amis.intake.spdci_api import ADDRESSES as REGISTRY_ADDRESSES
from amis.intake.spdci_api import BODY_LIMIT as REGISTRY_LIMIT
from amis.intake.spdci_api import router as registry_api
from amis.intake.upload_pages import ADDRESS as UPLOADS
from amis.intake.upload_pages import BODY_LIMIT as UPLOAD_LIMIT
from amis.intake.upload_pages import pages as notice_upload_pages
from amis.issuing.api import router as issuing_api
from amis.issuing.batch_pages import ADDRESSES as ANSWER_ADDRESSES
from amis.issuing.batch_pages import BODY_LIMIT as ANSWER_LIMIT
from amis.issuing.batch_pages import pages as batch_pages
from amis.issuing.campaign_pages import pages as campaign_pages
from amis.issuing.desk_api import router as desk_api
from amis.issuing.desk_pages import pages as desk_pages
from amis.issuing.desk_socket import router as desk_socket
from amis.issuing.desks_pages import pages as desks_pages
from amis.issuing.pages import pages as issuing_pages
from amis.issuing.photo_pages import ADDRESS as PHOTOS
from amis.issuing.photo_pages import BODY_LIMIT as PHOTO_LIMIT
from amis.issuing.photo_pages import pages as photo_pages
from amis.issuing.print_pages import pages as print_pages
from amis.issuing.request_form import pages as card_request_form
from amis.issuing.request_pages import pages as card_request_pages
from amis.issuing.stock_pages import pages as stock_pages
from amis.issuing.token_card_pages import pages as token_card_pages
from amis.kernel import health
from amis.kernel.body import BodyLimit
from amis.kernel.errors import PurposeMissing
from amis.kernel.permission import permission
from amis.kernel.problem import problem
from amis.kernel.process import database_url, opened
from amis.kernel.settings import Settings
from amis.kernel.settings import settings as of_environment
from amis.notifying.pages import pages as notifying_pages
from amis.outbound.delivery_pages import pages as delivery_pages
from amis.outbound.export_api import router as export_api
from amis.outbound.export_pages import pages as export_pages
from amis.outbound.feed_api import router as feed_api
from amis.outbound.feed_pages import pages as feed_pages
from amis.outbound.news import feed_news
from amis.outbound.webhook_pages import pages as webhook_pages
from amis.register.pages import pages as register_pages
from amis.register.quality_pages import pages as quality_pages
from amis.reporting.api import router as reporting_api
from amis.reporting.misuse_pages import pages as misuse_pages
from amis.reporting.observed_pages import pages as observed_pages
from amis.reporting.pages import pages as reporting_pages
from amis.reporting.recovery_pages import pages as recovery_pages
from amis.staff.api import router as staff_api
from amis.staff.contract import complete
from amis.staff.cookies import cookie_name
from amis.staff.guard import protect
from amis.staff.pages import pages as staff_pages
from amis.staff.purpose import prompt
from amis.staff.routes import entrances
from amis.validating import api as validating
from amis.validating import upload_api, web_app
from amis.validating.amnesty_pages import pages as amnesty_pages
from amis.validating.bundle_api import router as bundle_api
from amis.validating.bundle_feed import bundle_feed
from amis.validating.chip_keys_api import router as chip_keys_api
from amis.validating.chip_socket import router as chip_socket
from amis.validating.conflict_pages import pages as conflict_pages
from amis.validating.dashboard_pages import pages as dashboard_pages
from amis.validating.journal_pages import pages as journal_pages
from amis.validating.lane import lanes
from amis.validating.lines import BODY_LIMIT as LINES_LIMIT
from amis.validating.machine_pages import pages as machine_pages
from amis.validating.pages import pages as validating_pages
from amis.validating.place_pages import pages as place_pages
from amis.validating.presence import router as presence_api
from amis.validating.presences import presences
from amis.validating.provider_pages import pages as provider_pages
from amis.validating.reach_pages import pages as reach_pages
from amis.validating.terminal_pages import pages as terminal_pages
from amis.validating.uploading import Uploads
from amis.web import assets
from amis.web.faults import answer_faults
from amis.web.headers import SecurityHeaders
from amis.web.problems import wants_page
from amis.web.tracing import RequestId

APIS = (
    concessions_api,
    intake_api,
    intake_batch_api,
    registry_api,
    issuing_api,
    desk_api,
    desk_socket,
    holder_api,
    reporting_api,
    feed_api,
    export_api,
    staff_api,
    bundle_api,
    chip_keys_api,
    chip_socket,
    presence_api,
)
PAGES = (
    staff_pages,
    register_pages,
    quality_pages,
    concessions_pages,
    granting_pages,
    list_pages,
    group_pages,
    kinship_pages,
    suspension_pages,
    application_pages,
    issuing_pages,
    token_card_pages,
    card_request_pages,
    card_request_form,
    photo_pages,
    desk_pages,
    desks_pages,
    stock_pages,
    batch_pages,
    campaign_pages,
    print_pages,
    validating_pages,
    holder_pages,
    letter_pages,
    dashboard_pages,
    provider_pages,
    place_pages,
    terminal_pages,
    journal_pages,
    machine_pages,
    reach_pages,
    conflict_pages,
    amnesty_pages,
    intake_pages,
    notifying_pages,
    reporting_pages,
    observed_pages,
    misuse_pages,
    recovery_pages,
    feed_pages,
    webhook_pages,
    delivery_pages,
    export_pages,
    notice_upload_pages,
)
_BODY_LIMITS = {
    EVENTS: BODY_LIMIT,
    BATCHES: BATCH_LIMIT,
    **dict.fromkeys(REGISTRY_ADDRESSES, REGISTRY_LIMIT),
    upload_api.BATCH: LINES_LIMIT,
    PHOTOS: PHOTO_LIMIT,
    UPLOADS: UPLOAD_LIMIT,
    **dict.fromkeys(LIST_ADDRESSES, LIST_LIMIT),
    **dict.fromkeys(ANSWER_ADDRESSES, ANSWER_LIMIT),
}
"""Bytes of body by path where it is not the usual limit."""


def create(settings: Settings | None = None) -> FastAPI:
    """The application; `settings` default to those of the environment.

    Raises:
        RuntimeError: a route says nothing of who may call it.
    """
    chosen = settings or of_environment()
    app = FastAPI(
        title="AMIS",
        version=version("amis-concessions"),
        openapi_url=None,
        # The framework builds such an address from the Host header, and of the scheme behind the proxy.
        redirect_slashes=False,
        lifespan=lambda _: _open(chosen),
    )
    # The hot route comes first: routes are matched in order.
    app.router.routes[:0] = [*validating.routes(), *upload_api.routes()]
    app.router.routes.extend([*assets.routes(), *web_app.routes(), *holder_app.routes(), *health.ROUTES])
    app.router.routes.append(Route("/openapi.json", describe, methods=["GET"]))
    for router in (*APIS, *PAGES):
        app.include_router(router)
    answer_faults(app)
    app.add_exception_handler(PurposeMissing, _ask_for_purpose)
    protect(app)
    app.add_middleware(BodyLimit, limits=_BODY_LIMITS)
    # Around everything, the framework's own answer to an unforeseen error too.
    app.middleware_stack = RequestId(SecurityHeaders(app.build_middleware_stack(), secure=chosen.secure))
    return app


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, the plain hot routes included."""
    found: dict[str, Any] = app.openapi()
    validating.document(found)
    upload_api.document(found)
    complete(found, entrances(app.routes), cookie_name(of_environment()))
    return found


@permission("metrics.read")
async def describe(request: Request) -> Response:
    """The API description for those who may read it."""
    return JSONResponse(description(request.app))


async def _ask_for_purpose(request: Request, error: Exception) -> Response:
    """A person's page asks a reader for the purpose; a program is told that it is missing."""
    return prompt(request) if wants_page(request) else problem(cast(PurposeMissing, error))


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[dict[str, Any]]:
    url = database_url(settings)
    async with (
        opened(settings),
        lanes(url) as lane,
        bundle_feed(url) as feed,
        presences(url) as told,
        feed_news(url) as news,
    ):
        # What lives from start-up on is never garbage; the collector then has less to walk on the hot path.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 1000)
        yield {"lane": lane, "uploads": Uploads(), "feed": feed, "presences": told, "news": news}
