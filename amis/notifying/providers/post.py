"""Letters: a PDF each in a folder, which is printed and put into window envelopes."""

from dataclasses import dataclass
from pathlib import Path

from amis.notifying.errors import Unreachable
from amis.notifying.providers.files import put
from amis.notifying.providers.provider import Outgoing
from cards.notice_letter import NoticeLetter


def letter_of(outgoing: Outgoing) -> NoticeLetter:
    """What the letter says."""
    paragraphs = tuple(part for part in outgoing.content.text.split("\n\n") if part.strip())
    return NoticeLetter(
        recipient=outgoing.recipient,
        address=tuple(outgoing.to.splitlines()),
        municipality=outgoing.sender,
        title=outgoing.content.subject,
        paragraphs=paragraphs,
        day=outgoing.day,
        language=outgoing.language,
    )


@dataclass(frozen=True, slots=True)
class FolderPost:
    """Puts each letter into a folder."""

    folder: Path

    def carry(self, outgoing: Outgoing) -> None:
        """Draws the letter and writes it.

        Raises:
            Unreachable: the folder cannot be written.
        """
        # Imported with the first letter: the PDF library would add 35 MB to every web process.
        from cards.artwork_notice import notice_letter

        try:
            put(self.folder, f"{outgoing.id}.pdf", notice_letter(letter_of(outgoing)))
        except OSError as error:
            raise Unreachable(type(error).__name__) from error
