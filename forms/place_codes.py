"""Official codes of the communes that the package vietnam-provinces lists with those of a draft.

Why: its release 2025.10.1 rests on the draft of the list of units; in 123 communes Decision
19/2025/QĐ-TTg says otherwise, and since codes of old communes are used again, a wrong one names
another place. Two independent lists (see xlsforms/places/README.md) agree on every code here, and with
them each commune carries the code of one of those it was made from.
"""

from __future__ import annotations

from typing import Final

OFFICIAL_CODES: Final[dict[str, dict[str, str]]] = {
    "01": {
        "Phường Bạch Mai": "00292",
        "Phường Bồ Đề": "00118",
        "Phường Cầu Giấy": "00166",
        "Phường Cửa Nam": "00082",
        "Phường Hoàng Mai": "00331",
        "Phường Kim Liên": "00229",
        "Phường Long Biên": "00145",
        "Phường Láng": "00199",
        "Phường Thanh Liệt": "00643",
        "Phường Tương Mai": "00322",
        "Phường Văn Miếu - Quốc Tử Giám": "00226",
        "Phường Vĩnh Hưng": "00301",
        "Phường Yên Sở": "00340",
        "Xã Bát Tràng": "00577",
        "Xã Bình Minh": "10126",
        "Xã Dương Hòa": "09856",
        "Xã Hòa Phú": "10096",
        "Xã Hạ Bằng": "09982",
        "Xã Kiều Phú": "09910",
        "Xã Liên Minh": "09787",
        "Xã Phú Cát": "09952",
        "Xã Quảng Bị": "10072",
        "Xã Sơn Đồng": "09871",
        "Xã Thư Lâm": "00475",
        "Xã Tây Phương": "10003",
        "Xã Xuân Mai": "10045",
        "Xã Yên Xuân": "04930",
        "Xã Đa Phúc": "00430",
        "Xã Đại Xuyên": "10342",
    },
    "04": {
        "Xã Hạ Lang": "01558",
        "Xã Lý Quốc": "01537",
        "Xã Vinh Quý": "01561",
    },
    "14": {
        "Phường Chiềng An": "03664",
    },
    "15": {
        "Phường Cam Đường": "02671",
        "Phường Cầu Thia": "04681",
        "Xã Cao Sơn": "02782",
        "Xã Khánh Hòa": "04342",
        "Xã Lâm Thượng": "04309",
        "Xã Trạm Tấu": "04606",
    },
    "19": {
        "Xã Phú Lạc": "05788",
    },
    "20": {
        "Xã Ba Sơn": "06196",
        "Xã Cao Lộc": "06211",
        "Xã Na Sầm": "06124",
        "Xã Quốc Khánh": "06004",
        "Xã Thiện Tân": "06436",
    },
    "24": {
        "Phường Phù Khê": "09379",
        "Phường Tam Sơn": "09370",
        "Phường Đồng Nguyên": "09385",
    },
    "25": {
        "Phường Xuân Hòa": "08746",
        "Xã Chân Mộng": "08038",
        "Xã Chí Tiên": "08218",
        "Xã Quảng Yên": "08173",
        "Xã Thung Nai": "05092",
        "Xã Vân Bán": "08377",
        "Xã Vạn Xuân": "08467",
        "Xã Xuân Lũng": "08500",
    },
    "31": {
        "Phường Nam Đồng": "10837",
        "Phường Ngô Quyền": "11329",
        "Phường Thành Đông": "10507",
        "Phường Tứ Minh": "10891",
        "Xã An Thành": "10792",
    },
    "33": {
        "Xã Bắc Thái Ninh": "12916",
        "Xã Như Quỳnh": "12004",
        "Xã Triệu Việt Vương": "12223",
        "Xã Tân Tiến": "12583",
        "Xã Yên Mỹ": "12073",
    },
    "37": {
        "Phường Châu Sơn": "13318",
        "Phường Mỹ Lộc": "13708",
        "Phường Nam Định": "13669",
        "Phường Phù Vân": "13291",
        "Phường Phủ Lý": "13285",
        "Xã Khánh Hội": "14614",
    },
    "38": {
        "Xã Hoa Lộc": "16072",
        "Xã Kiên Thọ": "15112",
        "Xã Nguyệt Ấn": "15106",
        "Xã Thanh Phong": "16213",
        "Xã Thanh Quân": "16222",
        "Xã Tân Ninh": "15715",
    },
    "40": {
        "Phường Tây Hiếu": "17011",
        "Xã Quỳnh Sơn": "17170",
    },
    "44": {
        "Xã Phong Nha": "19138",
    },
    "46": {
        "Phường Hương An": "19804",
        "Phường Kim Long": "19774",
        "Phường Phong Thái": "19858",
        "Phường Phú Xuân": "19753",
        "Phường Thuận Hóa": "19789",
        "Xã Chân Mây – Lăng Cô": "20137",
    },
    "48": {
        "Phường An Khê": "20305",
        "Phường Hải Vân": "20194",
        "Xã Lãnh Ngọc": "20875",
    },
    "52": {
        "Xã Canh Vinh": "22006",
        "Xã Cát Tiến": "21880",
        "Xã Ia Mơ": "23938",
        "Xã Ngô Mây": "21901",
        "Xã Đề Gi": "21859",
    },
    "56": {
        "Phường Bắc Cam Ranh": "22411",
        "Phường Đông Hải": "22780",
        "Xã Cà Ná": "22909",
        "Xã Phước Dinh": "22888",
        "Xã Phước Hà": "22900",
        "Xã Vĩnh Hải": "22846",
        "Xã Xuân Hải": "22861",
    },
    "66": {
        "Xã Hòa Sơn": "24472",
        "Xã Phú Hòa 2": "22303",
        "Xã Xuân Cảnh": "22060",
    },
    "68": {
        "Xã Hàm Liêm": "23095",
    },
    "75": {
        "Phường An Lộc": "25333",
        "Xã Nha Bích": "25450",
        "Xã Phú Riềng": "25252",
        "Xã Xuân Quế": "26332",
    },
    "79": {
        "Phường An Khánh": "27094",
        "Phường An Nhơn": "26876",
        "Phường Bàn Cờ": "27154",
        "Phường Bình Phú": "27364",
        "Phường Hiệp Bình": "26809",
        "Phường Hạnh Thông": "26890",
        "Phường Linh Xuân": "26800",
        "Phường Tam Bình": "26803",
        "Phường Thông Tây Hội": "26898",
        "Phường Tân Sơn Nhì": "27019",
    },
    "86": {
        "Xã Song Phú": "29740",
    },
    "92": {
        "Phường Thuận Hưng": "31228",
        "Phường Thốt Nốt": "31207",
    },
}
"""Province code, name of the commune as the package writes it, code."""
