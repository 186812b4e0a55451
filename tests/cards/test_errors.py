from cards import errors


def subclasses(kind: type) -> list[type]:
    return [kind, *(below for child in kind.__subclasses__() for below in subclasses(child))]


def test_every_error_has_its_own_code_and_a_sentence_for_people():
    kinds = subclasses(errors.CardsError)
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.__doc__.endswith(".") for kind in kinds)


def test_an_error_shows_its_sentence_and_its_detail():
    assert str(errors.UnknownKey()) == "The trust list holds no key that may have signed this."
    assert str(errors.Malformed("cbor")) == "The text or the bytes are not a well-formed credential. (cbor)"
