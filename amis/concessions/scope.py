"""Where and for what a concession of public transport counts, in words that terminals say and people read.

Zones are services of the city, and regional ones of two kinds: a tram and a bus of a city are both in the zone `city`.
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
MODES: Mapping[str, str] = {
    "bus": mark("bus"),
    "tram": mark("tram"),
    "trolleybus": mark("trolleybus"),
    "train": mark("train"),
}
PRODUCTS: Mapping[str, str] = {
    "single": mark("single ticket"),
    "season": mark("season ticket"),
    "school_lunch": mark("school lunch"),
    "fare_refund": mark("refund of a fare paid in full"),
}
