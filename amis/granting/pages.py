"""The pages of granting in one router; those with fixed words in their addresses come before those with an id there."""

from fastapi import APIRouter

from amis.granting import builder_pages, fact_pages, rule_pages, simulation_pages, step_pages

pages = APIRouter(include_in_schema=False)
for part in (builder_pages, rule_pages, step_pages, simulation_pages, fact_pages):
    pages.include_router(part.pages)
