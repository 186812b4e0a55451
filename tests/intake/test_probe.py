import time
from tests.intake.wire import *
async def test_speed(wire: Wire) -> None:
    codes=[new_code() for _ in range(400)]
    for v,to in ((1,"2026-05-31"),(2,"2026-07-31")):
        evs=[of_person(x, f"R{i}", v, valid_to=to) for i,x in enumerate(codes)]
        t=time.monotonic(); c=time.process_time(); r=await wire.send(*evs); print(v, time.monotonic()-t, time.process_time()-c)
        assert set(r)=={APPLIED}
