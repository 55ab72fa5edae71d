"""⑨ The columns every dataset has beside the answers: keys, places, receipt."""

from __future__ import annotations

from typing import Any, Final

from forms.datasets.description import KEY, ORDINAL, PARENT_KEY, Kind, Labels, Pii, Value, Variable


def _said(vi: str, en: str) -> Labels:
    return {"vi": vi, "en": en}


def _ours(
    name: str, said: Labels, role: str, kind: Kind = "text", pii: Pii = "none", **more: Any
) -> Variable:
    return Variable(name, kind, labels=said, role=role, pii=pii, **more)


STATES: Final = (
    Value("received", _said("Chưa duyệt", "Received")),
    Value("hasIssues", _said("Có vấn đề", "Has issues")),
    Value("edited", _said("Đã sửa", "Edited")),
    Value("approved", _said("Đã duyệt", "Approved")),
    Value("rejected", _said("Không đạt", "Rejected")),
)
"""Review states, as a filter calls them."""

ROOT_KEYS: Final = (_ours(KEY, _said("Mã phiếu", "Key of the record"), "receipt"),)
REPEAT_KEYS: Final = (
    _ours(KEY, _said("Mã dòng", "Key of the row"), "receipt"),
    _ours(PARENT_KEY, _said("Mã của dòng hoặc phiếu chứa dòng này", "Key of the row it lies in"), "receipt"),
    _ours(ORDINAL, _said("Số thứ tự", "Number"), "receipt", "whole"),
)
PLACES: Final = (
    _ours("province_code", _said("Mã tỉnh", "Province code"), "place"),
    _ours("province", _said("Tỉnh, thành phố", "Province"), "place"),
    _ours("commune_code", _said("Mã xã, phường", "Commune code"), "place"),
    _ours("commune", _said("Xã, phường", "Commune"), "place"),
    _ours("village_code", _said("Mã thôn, bản", "Village code"), "place", pii="indirect"),
    _ours("village", _said("Thôn, bản, tổ dân phố", "Village"), "place", pii="indirect"),
)
RECEIPT: Final = (
    _ours("SubmissionDate", _said("Thời điểm nhận phiếu", "Received at"), "receipt", "moment"),
    _ours("FormVersion", _said("Phiên bản mẫu phiếu", "Version of the form"), "receipt"),
    _ours("ReviewState", _said("Tình trạng duyệt", "Review state"), "review", "code", values=STATES),
    _ours("SubmitterName", _said("Người gửi phiếu", "Sent by"), "submitter", pii="direct"),
    _ours("DeviceID", _said("Thiết bị", "Device"), "device", pii="direct"),
    _ours("Edits", _said("Số lần sửa", "Times edited"), "receipt", "whole"),
)

OF_ROOT: Final = tuple(one.name for one in (*ROOT_KEYS, *PLACES, *RECEIPT))
OF_REPEAT: Final = tuple(one.name for one in (*REPEAT_KEYS, *PLACES))
"""Names no question of the table may have."""

PARTS: Final = (
    ("latitude", "_lat", _said("vĩ độ", "latitude")),
    ("longitude", "_lon", _said("kinh độ", "longitude")),
    ("altitude", "_alt", _said("độ cao", "altitude")),
    ("accuracy", "_acc", _said("sai số", "accuracy")),
)
"""A point's parts: name, end of the physical column's name, words."""
