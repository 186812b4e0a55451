"""The plain routes are in the API description like any other."""

import json
import re
from typing import Any

from amis.validating import api, upload_api


def described() -> dict[str, Any]:
    openapi: dict[str, Any] = {"openapi": "3.1.0", "info": {}, "paths": {}}
    api.document(openapi)
    upload_api.document(openapi)
    return openapi


def test_every_plain_route_is_described() -> None:
    routes = [*api.routes(), *upload_api.routes()]
    assert set(described()["paths"]) == {route.path for route in routes}  # type: ignore[attr-defined]  # plain routes


def test_every_reference_leads_somewhere() -> None:
    openapi = described()
    names = re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(openapi))
    assert names
    assert set(names) <= set(openapi["components"]["schemas"])


def test_unknown_keys_are_described_as_refused() -> None:
    schemas = described()["components"]["schemas"]
    assert schemas["TapBody"]["additionalProperties"] is False
    assert schemas["TapBody"]["required"] == ["seq", "token", "at", "gross"]


def test_a_line_and_the_answer_to_it_are_described_as_newline_delimited_json() -> None:
    operation = described()["paths"]["/v1/validations/batch"]["post"]
    assert list(operation["requestBody"]["content"]) == list(operation["responses"]["200"]["content"])
    assert list(operation["requestBody"]["content"]) == ["application/x-ndjson"]
    line = described()["components"]["schemas"]["Upload.Line"]
    assert line["additionalProperties"] is False
    assert {"seq", "sha", "prev", "verdict", "payable"} <= set(line["required"])
