"""The golden cases of signed objects: this implementation gives them, they are up to date, their form is as told."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from rules.shape import Json
from terminals.bundle.holding import Holding
from tests.terminals.bundle.publisher import MACHINE, ROOT_KEY
from tests.terminals.vectors import bundles, credentials, offline
from tests.terminals.vectors.write import FILES, FOLDER

JUDGED = {"verified", "error", "then", "evidence", "decision"}


def read(name: str) -> Json:
    return json.loads((FOLDER / name).read_text("utf-8"))


def outcomes(content: Json) -> list[object]:
    """What a file says, without the signed bytes: another zlib writes other bytes."""
    return [
        {key: case[key] for key in case if key in JUDGED | {"name", "case", "at", "tap", "memory"}}
        | ({"steps": [[step["do"], step["at"], step["then"]] for step in case["steps"]]} if "steps" in case else {})
        for case in content["cases"]
    ]


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_its_maker_makes(name):
    assert outcomes(read(name)) == json.loads(json.dumps(outcomes(FILES[name]())))


@pytest.mark.parametrize("name", FILES)
def test_the_file_has_the_form_of_its_schema(name):
    schema = json.loads((FOLDER / Path(name).with_suffix(".schema.json").name).read_text("utf-8"))
    jsonschema_rs.validator_for(schema).validate(read(name))


@pytest.mark.parametrize("name", FILES)
def test_no_case_is_told_twice(name):
    names = [case["name"] for case in read(name)["cases"]]
    assert len(set(names)) == len(names)


def test_every_credential_is_judged_as_written():
    for case in read("credentials.json")["cases"]:
        judged = json.loads(json.dumps(credentials.judged(case)))
        assert judged == {key: case[key] for key in ("verified", "error") if key in case}, case["name"]


def test_every_bundle_is_taken_as_written():
    for case in read("bundle.json")["cases"]:
        holding = Holding(ROOT_KEY.der, MACHINE)
        for step in case["steps"]:
            assert json.loads(json.dumps(bundles.taken(holding, step))) == step["then"], case["name"]


def test_every_offline_decision_is_as_written():
    file = read("offline.json")
    holdings = {name: offline.holding_of(bundle) for name, bundle in file["bundles"].items()}
    for case in file["cases"]:
        judged = json.loads(json.dumps(offline.decided(case, holdings[case["bundle"]])))
        assert judged == {key: case[key] for key in ("evidence", "decision")}, case["name"]
