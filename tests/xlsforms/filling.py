"""The registers and reports opened in the form engine with the lists a phone of Lũng Cú carries.

Why: they read one another's lists and write some; one small commune serves all their tests.
"""

from __future__ import annotations

import uuid

from lxml import etree

from tests.javarosa.engine import DEVICE, Engine, Filled, Form
from tests.xlsforms.surveys import converted

USERNAME = DEVICE["username"]
"""Who the engine's phone belongs to."""


def key(number: int) -> str:
    """The id of a row below: a version 4 uuid that can be told by its number."""
    return str(uuid.UUID(int=number, version=4))


LO_LO_CHAI, THEN_PA, UNLISTED = key(1), key(2), key(3)
CENTRE, TEACHER = key(11), key(31)
DUE, DUE_BUT_OWN, NOT_DUE, DUE_ELSEWHERE, ANOTHERS = key(21), key(22), key(23), key(24), key(26)

HERE = {"province": "08", "commune": "00715"}
"""The answers that name the commune Lũng Cú."""

FIGURES = {
    "vil_n": "2", "vil_f02": "2", "il1_t": "60", "il1_f": "35", "il2_t": "100", "il2_f": "55",
    "relapse_t": "4", "relapse_f": "2", "il1_dtts": "58", "il1_base": "70", "ph1done_base": "30",
    "mob1_t": "25", "mob1_f": "14", "mob2_t": "12", "mob2_f": "7", "fin1_t": "20", "fin1_f": "11",
    "fin2_t": "9", "fin2_f": "5", "cls_open": "3", "tlg_n": "2", "pcgd_used": "1",
    "pcgd_date": "2026-09-30", "clc_n": "1", "clc_private": "0", "gv_total": "64", "gv_sec": "3",
    "clc_eval": "1", "inspect_n": "4", "oos_back": "6",
}  # fmt: skip
"""What the server has worked out for the commune Lũng Cú in 2026."""

_VILLAGE = "1,1,96,410,260,40,70,3,2025,96,41,70,3"
LISTS = {
    "provinces.csv": "name,label\n08,Tuyên Quang\n12,Lai Châu\n",
    "communes.csv": (
        "name,label,province_code,legacy_districts,legacy_communes,zone,border,especially_difficult,"
        "ethnic_mountainous,valid_from\n"
        "00715,Xã Lũng Cú,08,Đồng Văn,,III,1,1,1,2025-07-01\n"
        "03388,Phường Tân Phong,12,,,I,0,0,1,2025-07-01\n"
    ),
    "villages.csv": (
        "name,label,village_code,commune_code,legacy_commune_code,legacy_commune_name,legacy_district_name,"
        "border,especially_difficult,hh_total,pop_total,pop_15_60,illit1,illit2,relapse,report_year_prev,"
        "svy_hh,svy_illit1,svy_illit2,svy_relapse\n"
        f"{LO_LO_CHAI},Lô Lô Chải,00715-001,00715,,,,{_VILLAGE}\n"
        f"{THEN_PA},Thèn Pả,00715-002,00715,,,,{_VILLAGE}\n"
        f"{UNLISTED},Thôn/bản chưa có trong danh sách,00715-000,00715,,,,,,,,,,,,,,,,\n"
        f"{key(4)},Tổ 1,03388-001,03388,,,,{_VILLAGE}\n"
    ),
    "centres.csv": (
        "name,label,__version,centre_code,commune_code,office,pcs_net,free_wifi,has_library,status,ctype\n"
        f"{CENTRE},TTHTCĐ Lũng Cú,1,TT-00715,00715,rieng,4,1,1,1,cl\n"
        f"{key(12)},TTHTCĐ Tân Phong,1,TT-03388,03388,ghep,2,0,1,1,cl\n"
    ),
    "households.csv": (
        "name,label,village_id,village_code,head_name,head_birth_year,members_n,learners_n,last_visit,"
        "recheck,enumerator,recheck_by\n"
        f"{DUE},Sùng Mí Già – 1975,{LO_LO_CHAI},00715-001,Sùng Mí Già,1975,5,2,2026-07-15,1,tnv.lung.cu,\n"
        f"{DUE_BUT_OWN},Vàng Mỷ – 1980,{LO_LO_CHAI},00715-001,Vàng Mỷ,1980,4,1,2026-07-15,1,{USERNAME},\n"
        f"{NOT_DUE},Lò A Pá – 1969,{LO_LO_CHAI},00715-001,Lò A Pá,1969,6,1,2026-07-16,,tnv.lung.cu,\n"
        f"{DUE_ELSEWHERE},Giàng Tả – 1988,{THEN_PA},00715-002,Giàng Tả,1988,6,1,2026-07-16,1,,\n"
        f"{ANOTHERS},Thào Sính – 1990,{LO_LO_CHAI},00715-001,Thào Sính,1990,3,0,2026-07-16,1,,gs.khac\n"
        f"{key(25)},Lò Văn Tâm – 1988,{key(4)},03388-001,Lò Văn Tâm,1988,6,1,2026-07-16,1,,\n"
    ),
    "people.csv": (
        "name,label,__version,full_name,sex,birth_year,ethnic,role,employ,inst,centre_id,commune_code,active,"
        "tr_mgmt_year,tr_knl_year,tr_digital_year,tr_community_year,tr_literacy_year,tr_adult_year,"
        "tr_heads_year\n"
        f"{TEACHER},Hoàng Văn Nam – Xã Lũng Cú,1,Hoàng Văn Nam,1,1979,02,gv,bietphai,thcs,{CENTRE},00715,1,"
        "2024,,2025,,,,\n"
    ),
    "commune_figures.csv": (
        f"name,label,commune_code,report_year,period,as_of,{','.join(FIGURES)}\n"
        f"{key(41)},Xã Lũng Cú – 2026,00715,2026,y,2026-11-10,{','.join(FIGURES.values())}\n"
    ),
    "clc_criteria.csv": (
        "name,label,set,max\n"
        "A1,Tổ chức bộ máy,DB1427,20\nA2,Cơ sở vật chất,DB1427,30\nA3,Hoạt động,DB1427,50\n"
        "A1,Bộ máy,BO2026,40\n"
    ),
}
"""The media of the forms, by file name."""


def opened(engine: Engine, form_id: str, **changed: str) -> Form:
    """A survey on the phone; `changed` replaces lists by name without ending."""
    lists = LISTS | {f"{name}.csv": text for name, text in changed.items()}
    return engine.load(converted(form_id).xform, {name: text.encode() for name, text in lists.items()})


def said(filled: Filled, name: str) -> list[str]:
    """What the record says in each element of that name, in document order."""
    root = etree.fromstring(filled.xml)
    return [element.text or "" for element in root.iter(f"{{*}}{name}")]


def entities(filled: Filled) -> list[tuple[str, bool, bool, str, str]]:
    """What the record does to lists: list, create, update, id, label."""
    root = etree.fromstring(filled.xml)
    return [
        (
            node.get("dataset", ""),
            node.get("create") == "1",
            node.get("update") == "1",
            node.get("id", ""),
            node.findtext("{*}label") or "",
        )
        for node in root.iter("{*}entity")
    ]
