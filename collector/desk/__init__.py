"""⑨ The people's door: pages in Vietnamese, readable without JavaScript, on a phone and on a PC."""

from __future__ import annotations

from flask import Blueprint

from collector.desk import (
    account,
    accounts,
    approvals,
    bulk,
    campaigns,
    corrections,
    decisions,
    drafts,
    duplicates,
    figure_downloads,
    home,
    households,
    indicators,
    keys,
    languages,
    list_files,
    lists,
    moving,
    page,
    phones,
    places,
    programs,
    queue,
    records,
    registers,
    resets,
    returned,
    roll_forward,
    round_trip,
    selfservice,
    sheets,
    signin,
    standards,
    surveys,
    village_files,
    volunteers,
)

desk = Blueprint("desk", __name__)

for _pages in (
    programs,
    home,
    surveys,
    drafts,
    records,
    queue,
    corrections,
    bulk,
    round_trip,
    duplicates,
    moving,
    roll_forward,
    phones,
    volunteers,
    sheets,
    returned,
    households,
    selfservice,
    lists,
    list_files,
    registers,
    indicators,
    figure_downloads,
    approvals,
    standards,
    decisions,
    campaigns,
    places,
    village_files,
    account,
    keys,
    accounts,
    signin,
    resets,
    languages,
):
    desk.register_blueprint(_pages.blueprint)
page.furnish(desk)

BLUEPRINTS: tuple[Blueprint, ...] = (desk,)
