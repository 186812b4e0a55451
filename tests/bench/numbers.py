"""Medians and percentiles."""

from collections.abc import Callable, Sequence
from statistics import median
from time import process_time

__all__ = ["cost_us", "median", "percentile"]


def percentile(values: Sequence[float], rank: float) -> float:
    """The nearest-rank percentile of `values`; NaN when there are none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * rank / 100))]


def cost_us(work: Callable[[], object], times: int) -> float:
    """CPU microseconds of one call, over `times` calls in this process."""
    began = process_time()
    for _ in range(times):
        work()
    return (process_time() - began) / times * 1e6
