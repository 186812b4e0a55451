"""Where to go after signing in or stating a purpose: a path of ours and nothing else."""

from urllib.parse import urlsplit

_LONGEST = 500


def safe_path(asked: str) -> str:
    """`asked` when it is a path on this site, else the start page; no other host can be slipped in."""
    parts = urlsplit(asked) if asked.startswith("/") and len(asked) <= _LONGEST else None
    harmless = all(" " < char < "\x7f" and char != "\\" for char in asked)
    if parts is None or parts.netloc or asked.startswith("//") or not harmless:
        return "/"
    return asked
