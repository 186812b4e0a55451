"""Server-sent events (WHATWG HTML section 9.2)."""


def event(name: str, text: str) -> str:
    """One server-sent event; each line of its data is a field of its own."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines() if line.strip())
    return f"event: {name}\n{lines}\n"
