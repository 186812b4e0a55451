"""The pages of the room; fixed addresses come before those with an id in them."""

from fastapi import APIRouter

from amis.notifying.contact_pages import pages as contact_pages
from amis.notifying.message_pages import pages as message_pages
from amis.notifying.setting_pages import pages as setting_pages

pages = APIRouter()
for _part in (setting_pages, contact_pages, message_pages):
    pages.include_router(_part)
