import pytest

from terminals.simulator.stand import Done
from terminals.simulator.tally import Latency
from tests.terminals.simulator.stands import answer


@pytest.mark.parametrize(
    ("seconds", "latency"),
    [
        ([], Latency(None, None)),
        ([0.5], Latency(500, 500)),
        ([0.002, 0.001], Latency(1, 2)),
        ([n / 1000 for n in range(100, 0, -1)], Latency(50, 99)),
    ],
)
def test_latency_is_told_by_nearest_rank_in_milliseconds(seconds: list[float], latency: Latency) -> None:
    assert Latency.of([Done(answer(), one) for one in seconds]) == latency
