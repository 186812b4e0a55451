"""What a browser would send of a form: the values that stand in its fields."""

from html.parser import HTMLParser
from urllib.parse import urlencode

from amis.granting.condition_form import Posted


class Fields(HTMLParser):
    """Collects names and values of inputs, selects and text areas as a browser submits them, without buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.select: list[str] | None = None
        self.text: str | None = None
        self.named = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An input gives its value, a select that of its chosen or else first option."""
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.found.append((given.get("name", ""), given.get("value", "")))
        if tag == "select":
            self.named, self.select = given["name"], []
        if tag == "option" and self.select is not None and ("selected" in given or not self.select):
            self.select = [given.get("value", "")]
        if tag == "textarea":
            self.named, self.text = given["name"], ""

    def handle_data(self, data: str) -> None:
        """What stands in a text area."""
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        """A select or text area is over."""
        if tag == "select" and self.select:
            self.found.append((self.named, self.select[0]))
        if tag == "textarea" and self.text is not None:
            self.found.append((self.named, self.text))
        if tag in ("select", "textarea"):
            self.select, self.text = None, None


def fields(html: str) -> list[tuple[str, str]]:
    """Everything that the fields of a page say."""
    reader = Fields()
    reader.feed(html)
    return reader.found


def posted(html: str, **more: str) -> Posted:
    """The form sent back as it stands, with `more` typed."""
    return Posted.of(urlencode([*fields(html), *more.items()]).encode())
