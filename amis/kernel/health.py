"""`/healthz` (the process answers), `/readyz` (it can work) and `/metrics` (Prometheus text, behind a permission)."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from amis.kernel import db
from amis.kernel.permission import PUBLIC, permission


@permission(PUBLIC)
async def healthz(_request: Request) -> Response:
    """200 as long as the process serves."""
    return JSONResponse({"status": "ok"})


@permission(PUBLIC)
async def readyz(_request: Request) -> Response:
    """200 when the database answers, else 503."""
    try:
        async with db.engine().connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return JSONResponse({"status": "database unavailable"}, 503, headers={"retry-after": "1"})
    return JSONResponse({"status": "ready"})


@permission("metrics.read")
async def metrics(_request: Request) -> Response:
    """The process's counters in Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


ROUTES = [
    Route("/healthz", healthz, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
]
