import io
import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cards import base45, qr
from cards.errors import Unencodable
from tests.cards.conftest import minted

SVG = "{http://www.w3.org/2000/svg}"


def read(png: bytes) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))]


@settings(deadline=None, max_examples=40)
@given(st.binary(min_size=1, max_size=300), st.sampled_from("MQ"))
def test_every_symbol_is_decoded(data, level):
    text = "AM1:" + base45.encode(data)
    assert read(qr.png(text, level, scale=4)) == [text]


@pytest.mark.parametrize("length", [60, 200, 400, 700])
@pytest.mark.parametrize("level", ["M", "Q"])
def test_texts_full_of_zeros_are_drawn_too(length, level):
    text = "AM1:" + "0" * (length - 4)
    assert read(qr.png(text, level, scale=4)) == [text]


def test_the_alphanumeric_mode_keeps_symbols_small(issuer):
    text = minted(issuer)
    assert (qr.version(qr.matrix(text, "M")), qr.version(qr.matrix(text, "Q"))) == (8, 10)
    assert qr.version(qr.matrix("AM0:0123456789ABCDEF")) == 1


def drawn(svg: str) -> tuple[int, set[tuple[int, int]]]:
    """The side of a symbol and its dark modules, from the picture alone."""
    root = ElementTree.fromstring(svg)  # noqa: S314  our own text
    path = root.findall(f"{SVG}path")[1].attrib["d"]
    dark, x, y = set(), 0, 0
    for command, first, second in re.findall(r"([Mmh])(\d+)(?: (\d+)(?:\.5)?)?", path):
        if command == "h":
            dark |= {(x + step, y) for step in range(int(first))}
            x += int(first)
        else:
            x, y = (int(first), int(second)) if command == "M" else (x + int(first), y)
    return int(root.attrib["viewBox"].split()[2]), dark


@given(st.text(alphabet=base45.ALPHABET, min_size=1, max_size=60))
@settings(deadline=None, max_examples=30)
def test_the_svg_draws_exactly_the_modules_inside_a_quiet_zone(text):
    modules = qr.matrix(text)
    side, dark = drawn(qr.svg(text))
    expected = {(x + 4, y + 4) for y, row in enumerate(modules) for x, module in enumerate(row) if module}
    assert (side, dark) == (len(modules) + 8, expected)


def test_the_svg_suits_a_strict_policy_and_is_labelled(issuer):
    svg = qr.svg(minted(issuer), label='Kods "A" <1>', classes="qr")
    assert "style" not in svg
    assert "<script" not in svg
    root = ElementTree.fromstring(svg)  # noqa: S314  our own text
    assert (root.attrib["aria-label"], root.attrib["role"], root.attrib["class"]) == ('Kods "A" <1>', "img", "qr")
    assert len(svg) < 8_000


def test_the_png_is_one_bit_deep_and_small(issuer):
    png = qr.png(minted(issuer), scale=8)
    with Image.open(io.BytesIO(png)) as image:
        assert (image.mode, image.size) == ("1", ((49 + 8) * 8,) * 2)
    assert len(png) < 2_000


@pytest.mark.parametrize(
    ("text", "level"), [("", "M"), ("abc", "M"), ("A\n", "M"), ("Ā", "M"), ("A", "L"), ("A", "H"), ("A" * 701, "M")]
)
def test_other_texts_and_levels_are_refused(text, level):
    with pytest.raises(Unencodable):
        qr.matrix(text, level)


def test_a_scale_below_one_is_refused():
    with pytest.raises(Unencodable):
        qr.png("A", scale=0)


@pytest.mark.parametrize("address", ["https://amis.example/my/#K7QF2M9DXW", "http://localhost:8000/my/#0123456789"])
def test_a_web_address_is_drawn_for_the_camera_of_a_phone(address):
    assert 'class="y" role="img" aria-label="x"' in qr.address_svg(address, label="x", classes="y")
    modules = qr.address_matrix(address)
    image = Image.new("1", (len(modules) + 8, len(modules) + 8), 1)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            image.putpixel((x + 4, y + 4), not dark)
    large = image.convert("L").resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
    assert [found.text for found in zxingcpp.read_barcodes(large)] == [address]


@pytest.mark.parametrize("address", ["", "https://ā.example/", "x" * 301])
def test_other_addresses_are_refused(address):
    with pytest.raises(Unencodable):
        qr.address_matrix(address)
