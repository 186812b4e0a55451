"""Concessions as `rider_categories.txt` of GTFS Schedule (Fares v2).

A rider category is a concession: its code, its name in Latvian, and the public page that says who qualifies, where the
grantor has such pages. None of them is the default: that is the rider who pays the full fare, whom the carrier's own
feed defines.
"""

import csv
import io

from amis.concessions.exporting import Sheet

FILE = "rider_categories.txt"
FIELDS = ("rider_category_id", "rider_category_name", "is_default_fare_category", "eligibility_url")


def export(sheet: Sheet, pages: str = "") -> bytes:
    """The file in UTF-8; `pages` is an address that the code of a concession completes, "" where there is none."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(FIELDS)
    for offer in sheet.offers:
        code = offer.concession.code
        writer.writerow((code, offer.concession.name_lv, "0", f"{pages}{code}" if pages else ""))
    return text.getvalue().encode()
