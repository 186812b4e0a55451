import json
import socket
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cards.simcard.cli import app
from cards.simcard.keeping import read_card
from cards.simcard.samples import Sort
from tests.pcscd import Pcscd, Reader, present, until

RUN = [sys.executable, "-c", "from cards.simcard.cli import app; app()", "run"]


@pytest.fixture
def invoke():
    return lambda *words: CliRunner().invoke(app, list(map(str, words)))


@pytest.mark.parametrize("sort", Sort)
def test_a_card_of_each_sort_is_made_and_shown(invoke, tmp_path, sort):
    file = tmp_path / "card"
    assert invoke("new", file, "--sort", sort, "--chip", "ev2", "--size", "8").exit_code == 0
    shown = json.loads(invoke("show", file).stdout)
    assert (shown["version"], shown["storage"]) == ("EV2", 8192)
    assert shown["uid"] == read_card(file).uid.hex()


def test_no_card_is_overwritten(invoke, tmp_path):
    file = tmp_path / "card"
    invoke("new", file)
    before = file.read_bytes()
    again = invoke("new", file)
    assert (again.exit_code, file.read_bytes()) == (1, before)
    assert "there already" in again.output


def test_a_copy_has_the_number_and_not_the_keys(invoke, tmp_path):
    invoke("new", tmp_path / "card", "--sort", "foreign")
    assert invoke("copy", tmp_path / "card", tmp_path / "copy").exit_code == 0
    card, copy = read_card(tmp_path / "card"), read_card(tmp_path / "copy")
    assert card.uid == copy.uid
    assert card.saved() != copy.saved()


def test_a_file_that_is_no_card_is_told(invoke, tmp_path):
    (tmp_path / "text").write_text("no card")
    for words in (("show", tmp_path / "text"), ("run", tmp_path / "none"), ("copy", tmp_path / "none", tmp_path / "x")):
        told = invoke(*words)
        assert told.exit_code == 1
        assert "does not hold a virtual card" in told.output


def test_a_running_card_obeys(invoke, tmp_path, pcscd: Pcscd, second_reader: Reader):
    name = second_reader.name
    for number in "12":
        invoke("new", tmp_path / number)
    port = str(pcscd.ports[1])
    with subprocess.Popen([*RUN, str(tmp_path / "1"), "--port", port], stdin=subprocess.PIPE, text=True) as program:
        until(lambda: present(name))
        for order, seen in (("remove", False), ("insert", True), ("swap none", True), (f"swap {tmp_path / '2'}", True)):
            program.stdin.write(order + "\n")
            program.stdin.flush()
            until(lambda seen=seen: present(name) is seen)
        program.stdin.close()
        assert program.wait(10) == 0
    until(lambda: not present(name))


def test_orders_that_nobody_knows_are_answered_with_those_that_are(tmp_path, invoke):
    invoke("new", tmp_path / "card")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        done = CliRunner().invoke(
            app, ["run", str(tmp_path / "card"), "--port", str(port)], input="jump\ntear 0\ntear 3\n"
        )
    assert done.exit_code == 0
    assert done.output.count("remove | insert") == 3
