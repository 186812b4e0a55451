"""A card's memory as a JSON text: so that a card survives between two runs, and people can look into it."""

import json
from typing import Any

from cards.desfire.command import Mode
from cards.errors import SavedCardUnreadable
from cards.simcard.access import Access
from cards.simcard.files import BackupFile, File, RecordFile, StandardFile, ValueFile
from cards.simcard.keys import ChipKey, Kind
from cards.simcard.picc import Application, Picc
from cards.simcard.version import Version

_FORMAT = 1
_RECORD_FILES = {"linear": False, "cyclic": True}


def dump(picc: Picc) -> bytes:
    """`picc` as text; the same memory gives the same text."""
    plain = {
        "virtual_card": _FORMAT,
        "version": picc.version.name,
        "uid": picc.uid.hex(),
        "storage": picc.storage,
        "used": picc.used,
        "default_key": _key(picc.default_key),
        "random_uid": picc.random_uid,
        "unformattable": picc.unformattable,
        "ats": picc.ats.hex(),
        "applications": {aid.hex(): _application(it) for aid, it in picc.applications.items()},
    }
    return json.dumps(plain, indent=1).encode() + b"\n"


def _application(application: Application) -> dict[str, object]:
    return {
        "settings": application.settings,
        "kind": application.kind.name,
        "keys": [_key(key) for key in application.keys],
        "iso_id": application.iso_id,
        "iso_files": application.iso_files,
        "name": application.name.hex(),
        "files": {str(number): _file(file) for number, file in application.files.items()},
    }


def _key(key: ChipKey) -> dict[str, object]:
    return {"kind": key.kind.name, "value": key.value.hex(), "version": key.aes_version}


def _file(file: File) -> dict[str, object]:
    access = file.access
    rights = f"{access.read:X}{access.write:X}{access.both:X}{access.change:X}"
    return {"mode": access.mode.name, "rights": rights, "iso_id": file.iso_id, **_content(file)}


def _content(file: File) -> dict[str, object]:
    if isinstance(file, ValueFile):
        limits = {"lower": file.lower, "upper": file.upper, "value": file.value, "refund": file.refund}
        return {"type": "value", **limits, "flags": file.flags}
    if isinstance(file, RecordFile):
        records = [record.hex() for record in file.records]
        kind = "cyclic" if file.cyclic else "linear"
        return {"type": kind, "size": file.size, "limit": file.limit, "records": records}
    kind = "standard" if isinstance(file, StandardFile) else "backup"
    return {"type": kind, "data": file.data.hex()}


def load(data: bytes) -> Picc:
    """What `dump` wrote; SavedCardUnreadable."""
    try:
        plain = json.loads(data)
        if plain["virtual_card"] != _FORMAT:
            raise SavedCardUnreadable("format")
        return _picc(plain)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise SavedCardUnreadable(str(fault)) from fault


def _picc(plain: dict[str, Any]) -> Picc:
    return Picc(
        uid=bytes.fromhex(plain["uid"]),
        version=Version[plain["version"]],
        storage=int(plain["storage"]),
        applications={bytes.fromhex(aid): _application_of(it) for aid, it in plain["applications"].items()},
        used=int(plain["used"]),
        default_key=_key_of(plain["default_key"]),
        random_uid=bool(plain["random_uid"]),
        unformattable=bool(plain["unformattable"]),
        ats=bytes.fromhex(plain["ats"]),
    )


def _application_of(plain: dict[str, Any]) -> Application:
    return Application(
        settings=int(plain["settings"]),
        kind=Kind[plain["kind"]],
        keys=tuple(map(_key_of, plain["keys"])),
        files={int(number): _file_of(it) for number, it in plain["files"].items()},
        iso_id=plain["iso_id"],
        iso_files=bool(plain["iso_files"]),
        name=bytes.fromhex(plain["name"]),
    )


def _key_of(plain: dict[str, Any]) -> ChipKey:
    return ChipKey(Kind[plain["kind"]], bytes.fromhex(plain["value"]), int(plain["version"]))


def _file_of(plain: dict[str, Any]) -> File:
    kind, iso_id = plain["type"], plain["iso_id"]
    access = Access(Mode[plain["mode"]], *(int(digit, 16) for digit in plain["rights"]))
    if kind == "value":
        lower, upper, value, refund, flags = (int(plain[it]) for it in ("lower", "upper", "value", "refund", "flags"))
        return ValueFile(access, lower, upper, value, refund, flags)
    if kind in _RECORD_FILES:
        records = tuple(map(bytes.fromhex, plain["records"]))
        return RecordFile(access, int(plain["size"]), int(plain["limit"]), _RECORD_FILES[kind], records, iso_id)
    data = bytes.fromhex(plain["data"])
    return BackupFile(access, data, iso_id) if kind == "backup" else StandardFile(access, data, iso_id)
