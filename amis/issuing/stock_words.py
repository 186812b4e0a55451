"""How movements of blank cards are called on pages; marked English texts by kind."""

from collections.abc import Mapping

from amis.web.i18n import mark

KINDS: Mapping[str, str] = {
    "received": mark("Came into the store"),
    "allocated": mark("From the store to a desk"),
    "returned": mark("From a desk back to the store"),
    "spoiled": mark("Spoiled"),
    "destroyed": mark("Destroyed"),
    "counted": mark("Counted"),
}
"""What is entered by hand."""
MOVES: Mapping[str, str] = {**KINDS, "used": mark("Became a card")}
