"""Periodic work of the room."""

from datetime import timedelta

from amis.kernel.ticker import Job
from amis.reporting.rollup import roll_up

JOBS = [Job("reporting.roll_up", timedelta(minutes=1), roll_up)]
