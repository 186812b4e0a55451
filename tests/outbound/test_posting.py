"""The way out: the address that was checked is the one that is connected to, and nothing leads past the check."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from amis.kernel import clock
from amis.kernel.addresses import Address
from amis.kernel.way_out import Destination
from amis.outbound.destination import read_destination
from amis.outbound.errors import DeliveryFailed
from amis.outbound.posting import MOST_ANSWER, Post

NAME = "hooks.example.lv"
ANSWERS = {
    b"/fine": b"HTTP/1.1 204 No Content\r\n\r\n",
    b"/elsewhere": b"HTTP/1.1 302 Found\r\nlocation: https://hooks.example.lv/fine\r\ncontent-length: 0\r\n\r\n",
    b"/long": b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 5_000,
    b"/nonsense": b"\x16\x03\x01 what",
}


def certificate(folder: Path, name: str) -> Path:
    """A certificate that signs itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{name}.pem"
    path.write_bytes(pem + built.public_bytes(serialization.Encoding.PEM))
    return path


@asynccontextmanager
async def host(certified: Path, seen: list[bytes]) -> AsyncIterator[int]:
    """A server over TLS on this machine; gives its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certified)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        writer.write(ANSWERS.get(head.split()[1], b""))
        if head.split()[1] == b"/silent":
            await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def trusting(certified: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certified))


async def here(_name: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def anything(_address: Address) -> bool:
    return True


def to(port: int, path: str = "/fine", name: str = NAME) -> Destination:
    return read_destination(f"https://{name}:{port}{path}", development=False)


async def test_the_name_is_looked_up_once_and_the_certificate_is_the_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certified, seen, asked = certificate(tmp_path, NAME), list[bytes](), list[str]()
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    async def resolve(name: str, port: int) -> Sequence[str]:
        asked.append(name)
        return await here(name, port)

    async with host(certified, seen) as port:
        post = Post(resolve, anything, trusting(certified))
        answer = await post.send(to(port), {"webhook-id": "1"}, b"body")
        assert (answer.status, answer.text, asked) == (204, "", [NAME])
        assert f"host: {NAME}:{port}".encode() in seen[0].lower()
        with pytest.raises(DeliveryFailed, match=r"(?i)certificate"):
            await post.send(to(port, name="other.example.lv"), {}, b"")
        with pytest.raises(DeliveryFailed, match=r"(?i)certificate"):
            await Post(resolve, anything).send(to(port), {}, b"")
        assert len(seen) == 1


async def test_a_redirect_is_an_answer_and_a_long_one_is_cut(tmp_path: Path) -> None:
    certified, seen = certificate(tmp_path, NAME), list[bytes]()
    async with host(certified, seen) as port:
        post = Post(here, anything, trusting(certified), timeout=0.5)
        assert (await post.send(to(port, "/elsewhere"), {}, b"")).status == 302
        assert len(seen) == 1
        assert (await post.send(to(port, "/long"), {}, b"")).text == "x" * MOST_ANSWER
        for path in ("/nonsense", "/nothing"):
            with pytest.raises(DeliveryFailed):
                await post.send(to(port, path), {}, b"")
        with pytest.raises(DeliveryFailed, match=r"within 0\.5 s"):
            await post.send(to(port, "/silent"), {}, b"")


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["169.254.169.254"], ["::1"], ["1.1.1.1", "10.0.0.1"], ["::ffff:10.0.0.1"], []]
)
async def test_a_name_that_leads_inside_is_not_connected_to(found: list[str]) -> None:
    async def resolve(_name: str, _port: int) -> Sequence[str]:
        return found

    with pytest.raises(DeliveryFailed, match="public Internet"):
        await Post(resolve).send(to(443), {}, b"")


async def test_a_name_that_leads_nowhere_fails() -> None:
    with pytest.raises(DeliveryFailed):
        await Post().send(to(443, name="nowhere.invalid"), {}, b"")


async def test_this_machine_in_development_is_this_machine_only() -> None:
    async def resolve(_name: str, _port: int) -> Sequence[str]:
        return ["1.1.1.1"]

    with pytest.raises(DeliveryFailed, match="public Internet"):
        await Post(resolve).send(read_destination("http://localhost:9/", development=True), {}, b"")
