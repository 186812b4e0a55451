"""Latvian names for people who do not exist."""

from __future__ import annotations

_MEN = (
    "Jānis Andris Juris Edgars Māris Mārtiņš Kristaps Artūrs Roberts Rihards Kārlis Toms Aivars Guntis Ivars "
    "Normunds Raivis Gatis Ainārs Uldis Valdis Pēteris Arnis Dainis Oskars Ralfs Emīls Gustavs Markuss Daniels "
    "Ēriks Kaspars Sandis Ģirts Zigmunds Laimonis Imants Viesturs Reinis Krišjānis Ansis Miķelis Jēkabs Rūdolfs "
    "Žanis Voldemārs Harijs Dāvis Elvis Matīss"
)
_WOMEN = (
    "Anna Kristīne Inese Ilze Līga Inga Laura Sanita Dace Ieva Zane Baiba Agnese Elīna Evita Ināra Aija Maija "
    "Vija Ruta Skaidrīte Velta Ausma Mirdza Dzintra Gunta Iveta Sandra Santa Madara Marta Alise Emīlija Sofija "
    "Katrīna Paula Elza Rūta Žanete Ģertrūde Ļubova Austra Lilita Rasma Sarmīte Aiga Betija Estere Šarlote "
    "Undīne"
)
# A surname follows the bearer's gender: masculine and feminine form.
_SURNAMES = (
    "Bērziņš/Bērziņa Kalniņš/Kalniņa Ozoliņš/Ozoliņa Liepiņš/Liepiņa Krūmiņš/Krūmiņa Zariņš/Zariņa "
    "Kļaviņš/Kļaviņa Kārkliņš/Kārkliņa Jansons/Jansone Pētersons/Pētersone Balodis/Balode Eglītis/Eglīte "
    "Ozols/Ozola Vītols/Vītola Vanags/Vanaga Lācis/Lāce Sproģis/Sproģe Celmiņš/Celmiņa Dombrovskis/Dombrovska "
    "Apinis/Apine Grīnbergs/Grīnberga Zvirbulis/Zvirbule Rozītis/Rozīte Cīrulis/Cīrule Šmits/Šmite "
    "Āboliņš/Āboliņa Skujiņš/Skujiņa Priedītis/Priedīte Vilks/Vilka Zeltiņš/Zeltiņa Auziņš/Auziņa "
    "Purmalis/Purmale Ķēniņš/Ķēniņa Žagars/Žagare Ļeščinskis/Ļeščinska Ūdris/Ūdre Upītis/Upīte Straume/Straume "
    "Dzenis/Dzene Mežs/Meža Stūrītis/Stūrīte Briedis/Briede Gailītis/Gailīte Muižnieks/Muižniece "
    "Mūrnieks/Mūrniece Kalējs/Kalēja Podnieks/Podniece Siliņš/Siliņa Strazdiņš/Strazdiņa Vasiļevskis/Vasiļevska "
    "Čakste/Čakste Šteinbergs/Šteinberga Ērglis/Ērgle Irbe/Irbe Ābele/Ābele Tilgalis/Tilgale"
)

MEN = tuple(_MEN.split())
WOMEN = tuple(_WOMEN.split())
SURNAMES = tuple(tuple(pair.split("/")) for pair in _SURNAMES.split())
