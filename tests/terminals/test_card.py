"""A card at the terminal: what it shows, what it proves, and what the terminal says of cards that are none of ours."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cards.desfire.procedure import run
from cards.errors import CardGone, Counterfeit, ForeignCard
from cards.keys import EncryptedFileKeyStore, RawKey, chip_keys, rotate_keyset
from cards.keys.chip import MASTERS, CardKeys
from cards.pair import pair
from cards.profile import personalise, rotate
from cards.profile.layout import AID
from cards.simcard import Version, VirtualCard
from terminals.card import read_card, shown
from terminals.cli import app
from terminals.journal import journal_in
from terminals.message import CardShown
from terminals.read_keys import in_token
from tests.cards.profile.table import CONTENT, ISSUER, UID
from tests.pcscd import Reader
from tests.softhsm import Token

READ = MASTERS[1]


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory) -> EncryptedFileKeyStore:
    """The masters of a service, in two key sets."""
    store = EncryptedFileKeyStore.create(tmp_path_factory.mktemp("masters") / "keys", RawKey(bytes(32)))
    for name in MASTERS.values():
        store.add(name)
    rotate_keyset(store)
    return store


@pytest.fixture
def lent(masters: EncryptedFileKeyStore, tmp_path: Path) -> EncryptedFileKeyStore:
    """What the service lends to a terminal."""
    return masters.lend([READ], tmp_path / "read-keys", RawKey(bytes(32)))


def keys_of(masters: EncryptedFileKeyStore) -> Callable[[bytes], CardKeys]:
    return lambda uid: chip_keys(masters, ISSUER, uid, AID)


def made(masters: EncryptedFileKeyStore, keyset: int = 1, version: Version = Version.EV1) -> VirtualCard:
    card = VirtualCard(UID, version=version)
    run(personalise(CONTENT, keyset, keys_of(masters)), card.process)
    card.power_off()
    card.power_on()
    return card


@pytest.mark.parametrize("version", Version)
def test_a_card_is_read_without_a_key_and_proves_itself_by_the_lent_one(
    masters: EncryptedFileKeyStore, lent: EncryptedFileKeyStore, version: Version
) -> None:
    card = made(masters, version=version)
    assert shown(card.process) == CardShown(UID, CONTENT.credential, 0)
    assert shown(card.process, lent) == CardShown(UID, CONTENT.credential, 1)


def test_a_card_proves_itself_to_a_terminal_whose_token_holds_the_master(
    masters: EncryptedFileKeyStore, token: Token, tmp_path: Path
) -> None:
    master = masters._shelf.find(READ, 1)
    assert master is not None
    assert master.secret is not None
    token.load_master("amis:card/1:1:active", master.secret)
    assert shown(made(masters).process, in_token(token.library, token.label, token.pin, tmp_path)).tier == 1


def test_a_copy_shows_the_same_and_is_found_out_by_the_key(
    masters: EncryptedFileKeyStore, lent: EncryptedFileKeyStore
) -> None:
    copy = VirtualCard(UID)
    run(personalise(CONTENT, 1, lambda uid: chip_keys(masters, ISSUER + 1, uid, AID)), copy.process)
    assert shown(copy.process) == CardShown(UID, CONTENT.credential, 0)
    with pytest.raises(Counterfeit):
        shown(copy.process, lent)


def test_a_card_whose_renewal_was_interrupted_still_proves_itself(
    masters: EncryptedFileKeyStore, lent: EncryptedFileKeyStore
) -> None:
    card = made(masters)
    card.cut(before=30)
    with pytest.raises(CardGone):
        run(rotate(ISSUER, 2, keys_of(masters)), card.process)
    card.power_on()
    assert shown(card.process, lent).tier == 1


def test_a_card_of_a_key_set_that_the_terminal_was_not_lent_is_read_as_anyone_may(
    masters: EncryptedFileKeyStore, tmp_path: Path
) -> None:
    older = EncryptedFileKeyStore.create(tmp_path / "older", RawKey(bytes(32)))
    older.add(READ)
    rotated = made(masters, keyset=2)
    assert shown(rotated.process, older) == CardShown(UID, CONTENT.credential, 0)


def test_a_card_of_a_key_set_that_the_terminal_no_longer_holds_is_no_counterfeit(
    masters: EncryptedFileKeyStore, lent: EncryptedFileKeyStore
) -> None:
    lent.rotate(READ)
    lent.retire(READ, 1)
    assert shown(made(masters).process, lent) == CardShown(UID, CONTENT.credential, 0)


def test_a_card_whose_renewal_to_keys_that_the_terminal_lacks_was_interrupted_is_no_counterfeit(
    masters: EncryptedFileKeyStore, tmp_path: Path
) -> None:
    older = EncryptedFileKeyStore.create(tmp_path / "older", RawKey(bytes(32)))
    older.add(READ)
    card = made(masters)
    card.cut(before=30)
    with pytest.raises(CardGone):
        run(rotate(ISSUER, 2, keys_of(masters)), card.process)
    card.power_on()
    assert shown(card.process, older) == CardShown(UID, CONTENT.credential, 0)


def test_a_strangers_card_is_none_of_ours(lent: EncryptedFileKeyStore) -> None:
    for masters in (None, lent):
        with pytest.raises(ForeignCard):
            shown(VirtualCard(UID).process, masters)


def test_a_card_on_a_real_reader_is_read_and_one_torn_out_is_asked_for_again(
    masters: EncryptedFileKeyStore, lent: EncryptedFileKeyStore, reader: Reader
) -> None:
    card = made(masters)
    reader.put(card)
    assert read_card(reader.name, lent) == CardShown(UID, CONTENT.credential, 1)
    card.cut(before=4)
    with pytest.raises(CardGone):
        read_card(reader.name, lent)
    reader.insert(made(masters))
    assert read_card(reader.name) == CardShown(UID, CONTENT.credential, 0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a terminal that is paired with a service that is away."""
    answer = {"machine_id": "m-1", "pairing": 1, "fingerprint": "f"}

    async def paired() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
        async with httpx.AsyncClient(transport=transport) as http:
            await pair("http://127.0.0.1:1", "code", tmp_path / "terminal", http)

    asyncio.run(paired())
    return tmp_path / "terminal"


def test_the_command_tells_what_is_wrong_with_a_card_and_asks_nobody(reader: Reader, home: Path) -> None:
    reader.put(VirtualCard(UID))
    result = CliRunner().invoke(app, ["tap", "--reader", reader.name, "--home", str(home)])
    assert (result.exit_code, result.stderr.strip()) == (2, str(ForeignCard()))
    assert journal_in(home).pending() == []


def test_a_token_or_a_reader_is_named_and_not_both(home: Path) -> None:
    for words in ([], ["0123", "--reader", "somewhere"]):
        result = CliRunner().invoke(app, ["tap", *words, "--home", str(home)])
        assert (result.exit_code, "a token or a --reader" in result.stderr) == (2, True)


def test_read_keys_that_do_not_open_are_told(
    reader: Reader, home: Path, lent: EncryptedFileKeyStore, tmp_path: Path
) -> None:
    words = ["tap", "--reader", reader.name, "--home", str(home), "--keys", str(tmp_path / "read-keys")]
    result = CliRunner().invoke(app, [*words, "--secret", "ozols"])
    assert (result.exit_code, "does not open" in result.stderr) == (2, True)
