"""Debian's libfreefare and libnfc by ctypes: a client of DESFire cards that nobody here wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL, POINTER, byref, c_char_p, c_int32, c_size_t, c_uint8, c_uint16, c_uint32, c_void_p
from ctypes import create_string_buffer as buffer
from typing import Any

from cards.desfire.status import Status

PLAIN, MACED, ENCIPHERED = 0, 1, 3
# libfreefare 0.4 reads the MAC behind the data into the same buffer
SLACK = 64


class Refused(Exception):
    """The card's status, as the library saw it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:02X}")
        self.status = Status(status)


class LibraryFailed(Exception):
    """The library itself found fault with an answer: a MAC or a checksum, or a call out of place."""


class Library:
    """Both libraries, with the types of what they return."""

    def __init__(self) -> None:
        self.nfc, self.freefare = CDLL("libnfc.so.6"), CDLL("libfreefare.so.0", use_errno=True)
        self.nfc.nfc_open.restype = c_void_p
        self.nfc.nfc_open.argtypes = [c_void_p, c_char_p]
        self.nfc.nfc_close.argtypes = self.nfc.nfc_exit.argtypes = [c_void_p]
        self.freefare.freefare_get_tags.restype = POINTER(c_void_p)
        self.freefare.freefare_get_tags.argtypes = [c_void_p]
        self.freefare.freefare_free_tags.argtypes = [POINTER(c_void_p)]
        for name in ("des", "3des", "3k3des", "aes"):
            self.key_maker(name).restype = c_void_p
        self.freefare.mifare_desfire_aid_new.restype = c_void_p

    def key_maker(self, kind: str) -> Any:
        """The function that makes a key of that kind with the version that its bytes carry."""
        return getattr(self.freefare, f"mifare_desfire_{kind}_key_new_with_version")

    @contextmanager
    def device(self, path: str) -> Iterator[c_void_p]:
        """The reader on that serial line."""
        context = c_void_p()
        self.nfc.nfc_init(byref(context))
        opened = self.nfc.nfc_open(context, f"pn532_uart:{path}".encode())
        assert opened, "libnfc finds no PN532"
        try:
            yield c_void_p(opened)
        finally:
            self.nfc.nfc_close(opened)
            self.nfc.nfc_exit(context)


class Tag:
    """The card on the reader; every call raises Refused for a status of the card's."""

    def __init__(self, library: Library, pointer: int) -> None:
        self._library, self._pointer = library, c_void_p(pointer)

    def call(self, name: str, *arguments: Any) -> int:
        """`mifare_desfire_<name>`, and what it returns when it is no error."""
        result = getattr(self._library.freefare, f"mifare_desfire_{name}")(self._pointer, *arguments)
        status = self._library.freefare.mifare_desfire_last_picc_error(self._pointer)
        if status:
            raise Refused(status)
        if result < 0:
            raise LibraryFailed(name)
        return int(result)

    def key(self, kind: str, value: bytes, version: int = 0) -> c_void_p:
        """A key of `kind` des, 3des, 3k3des or aes."""
        extra = (version,) if kind == "aes" else ()
        return c_void_p(self._library.key_maker(kind)(buffer(value, len(value)), *extra))

    def aid(self, number: int) -> c_void_p:
        return c_void_p(self._library.freefare.mifare_desfire_aid_new(c_uint32(number)))

    def select(self, number: int) -> None:
        self.call("select_application", self.aid(number) if number else None)

    def settings(self, number: int) -> tuple[int, int, int]:
        """Kind, mode and rights of a file; what follows depends on the kind."""
        raw = buffer(64)
        self.call("get_file_settings", c_uint8(number), raw)
        return raw.raw[0], raw.raw[1], int.from_bytes(raw.raw[2:4], "little")

    def write(self, name: str, file: int, offset: int, data: bytes, mode: int) -> None:
        written = self.call(
            f"{name}_ex", c_uint8(file), c_size_t(offset), c_size_t(len(data)), buffer(data, len(data)), mode
        )
        assert written == len(data)

    def read(self, name: str, file: int, offset: int, length: int, room: int, mode: int) -> bytes:
        into = buffer(room + SLACK)
        found = self.call(f"{name}_ex", c_uint8(file), c_size_t(offset), c_size_t(length), into, mode)
        return into.raw[:found]

    def value(self, file: int, mode: int) -> int:
        found = c_int32()
        self.call("get_value_ex", c_uint8(file), byref(found), mode)
        return found.value

    def change_value(self, name: str, file: int, amount: int, mode: int) -> None:
        self.call(f"{name}_ex", c_uint8(file), c_int32(amount), mode)

    def byte(self, name: str, *arguments: Any) -> int:
        """A call that answers with one byte."""
        found = c_uint8()
        self.call(name, *arguments, byref(found))
        return found.value

    def free_memory(self) -> int:
        found = c_uint32()
        self.call("free_mem", byref(found))
        return found.value

    def aids(self) -> int:
        """How many applications the card lists."""
        listed, count = c_void_p(), c_size_t()
        self.call("get_application_ids", byref(listed), byref(count))
        return count.value

    def files(self) -> list[int]:
        listed, count = POINTER(c_uint8)(), c_size_t()
        self.call("get_file_ids", byref(listed), byref(count))
        return listed[: count.value]

    def iso_files(self) -> list[int]:
        listed, count = POINTER(c_uint16)(), c_size_t()
        self.call("get_iso_file_ids", byref(listed), byref(count))
        return listed[: count.value]

    def uid(self) -> str:
        found = c_char_p()
        self.call("get_card_uid", byref(found))
        assert found.value is not None
        return found.value.decode()


@contextmanager
def only_tag(library: Library, device: c_void_p) -> Iterator[Tag]:
    """The one card on the reader, connected."""
    tags = library.freefare.freefare_get_tags(device)
    try:
        assert tags[0], "libfreefare finds no card"
        tag = Tag(library, tags[0])
        tag.call("connect")
        yield tag
    finally:
        library.freefare.freefare_free_tags(tags)
