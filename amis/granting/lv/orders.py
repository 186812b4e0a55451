"""Suspension orders of the past, which show how rights rest and come back by themselves.

Sources: the Cabinet's order on the emergency of October 2021 as applied in Jelgava; the decision of the interim
administration of Riga of 11 June 2020, which gave everything back on 15 June what had rested since the end of March.
"""

from collections.abc import Mapping
from datetime import date

from amis.concessions.seed_lv import JELGAVA, RIGA
from amis.granting.lv.parts import grades
from amis.granting.suspension import OrderDraft

ORDERS: Mapping[int, OrderDraft] = {
    JELGAVA: OrderDraft(
        code="COVID-JLG",
        legal_basis="Ministru kabineta 2021. gada 9. oktobra rīkojums Nr. 720 par ārkārtējās situācijas izsludināšanu",
        concessions=("JLG-PENS*", "JLG-REPR20", "JLG-ORPHAN5", "JLG-PUPIL4"),
        valid_from=date(2021, 10, 22),
        valid_to=date(2021, 11, 16),
        # lessons of the first three grades went on in class from 1 November
        exceptions=({"condition": grades(1, 3), "from": "2021-11-01"},),
    ),
    RIGA: OrderDraft(
        code="COVID-RIX",
        legal_basis="Rīgas domes pagaidu administrācijas 2020. gada 11. jūnija lēmums par atvieglojumu atjaunošanu",
        concessions=("RIX-*",),
        valid_from=date(2020, 3, 28),
        valid_to=date(2020, 6, 15),
    ),
}
