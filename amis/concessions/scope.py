"""Where a concession of public transport counts: services of the city, and regional ones of two kinds.

The words are zones of rules.terms.Place: a tram and a bus of a city are both in the zone `city`.
"""

from collections.abc import Mapping

from amis.web.i18n import mark

CITY = "city"
REGIONAL_INTERCITY = "regional_intercity"
REGIONAL_LOCAL = "regional_local"
SCOPES: Mapping[str, str] = {
    CITY: mark("city routes"),
    REGIONAL_INTERCITY: mark("regional intercity routes"),
    REGIONAL_LOCAL: mark("regional local routes"),
}
