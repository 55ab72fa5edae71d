"""Vietnamese as it is searched and sorted, and as it was written before Unicode."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest

from forms.legacy_text import MANGLED, TCVN3, VNI, from_legacy, is_syllable, written_in
from forms.vietnamese import folded, sort_key, word_starts

UNITS = Path(__file__).parents[2] / "xlsforms" / "places" / "units_before_2025-07-01.csv"
NAMES = sorted({row["name"] for row in csv.DictReader(UNITS.read_text(encoding="utf-8").splitlines())})


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("Mường Lài", "muong lai"),
        ("  Thôn   LÔ LÔ\tChải ", "thon lo lo chai"),
        ("Đắk Đoa", "dak doa"),
        ("Cư M’gar", "cu mgar"),
        ("Chân Mây – Lăng Cô", "chan may lang co"),
        ("Tổ dân phố số 12/3", "to dan pho so 12 3"),
        (unicodedata.normalize("NFD", "Thượng Lâm"), "thuong lam"),
        ("%_'\"", ""),
        ("", ""),
    ],
)
def test_text_as_it_is_searched(text: str, searched: str) -> None:
    assert folded(text) == searched


def test_a_name_is_found_by_the_start_of_each_word() -> None:
    assert word_starts("Thôn Mường Lài") == ["thon muong lai", "muong lai", "lai"]
    assert word_starts(" – ") == []


SORTED = [
    *(
        "1",
        "2",
        "10",
        "An",
        "Ăn",
        "Ân",
        "ba",
        "bà",
        "bả",
        "bã",
        "bá",
        "bạ",
        "bác",
        "Dung",
        "Đông",
        "Em",
        "Êm",
    ),
    *("lan", "ma", "mà", "mả", "mã", "má", "mạ", "mác", "mai", "Nam", "On", "Ôn", "Ơn"),
    *("tuần", "tư", "Tư Lập", "Ưng", "vay", "y"),
]


def test_the_order_of_the_dictionary() -> None:
    assert sorted(sorted(SORTED), key=sort_key) == SORTED


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Thôn 2", "Thôn 10"),
        ("Thôn 9", "Thôn Bắc"),
        ("Thôn", "Thôn 1"),
        ("ba hoa", "bà con"),
        ("Bản Pho", "Bản Phố"),
        ("Lũng Cú", "Lũng Cụ"),
        ("Đồng Tâm", "Đồng Yên"),
        ("Dương", "Đa"),
        ("Cam", "Căm"),
        ("Căm", "Câm"),
    ],
)
def test_one_comes_before_the_other(first: str, then: str) -> None:
    assert sort_key(first) < sort_key(then)
    assert sort_key(unicodedata.normalize("NFD", first)) == sort_key(first)


# Words as they stand in files of each font, opened today.
WRITTEN = [
    ("Th«n B¶n Pho", "Thôn Bản Pho", TCVN3),
    ("X· M­êng Lµi", "Xã Mường Lài", TCVN3),
    ("HuyÖn §ång V¨n, tØnh Hµ Giang", "Huyện Đồng Văn, tỉnh Hà Giang", TCVN3),
    ("NguyÔn ThÞ B×nh", "Nguyễn Thị Bình", TCVN3),
    ("Hoµng V¨n Thô", "Hoàng Văn Thụ", TCVN3),
    ("Thoân Baûn Pho", "Thôn Bản Pho", VNI),
    ("Xaõ Möôøng Laøi", "Xã Mường Lài", VNI),
    ("Huyeän Ñoàng Vaên, tænh Haø Giang", "Huyện Đồng Văn, tỉnh Hà Giang", VNI),
    ("Nguyeãn Thò Bình", "Nguyễn Thị Bình", VNI),
    ("XAÕ ÑOÀNG YEÂN", "XÃ ĐỒNG YÊN", VNI),
    ("ThÃ´n Báº£n Pho", "Thôn Bản Pho", MANGLED),
]


@pytest.mark.parametrize(("written", "meant", "how"), WRITTEN)
def test_text_of_an_old_font_is_recognised_and_read(written: str, meant: str, how: str) -> None:
    read = from_legacy(written)
    assert read is not None
    assert (read.text, read.written_in) == (meant, how)
    assert from_legacy(unicodedata.normalize("NFD", written)) == read


def test_no_name_of_the_map_is_taken_for_an_old_font() -> None:
    assert [name for name in NAMES if from_legacy(name) is not None] == []


@pytest.mark.parametrize("text", ["", "Ban Pho", "123", "École française", "Café", "— … “”", "Æøå", "日本"])
def test_what_is_no_vietnamese_is_left_alone(text: str) -> None:
    assert from_legacy(text) is None


def in_tcvn3(name: str) -> str:
    """As typed in .VnTime: capitals with a tone are small letters of a font that draws capitals."""
    letters = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
    signs = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"
    code = dict(zip(letters, signs, strict=True))
    return "".join(code.get(letter) or code.get(letter.lower(), letter) for letter in name)


def test_a_file_in_tcvn3_is_known_by_most_of_its_names_and_read_whole() -> None:
    written = {name: in_tcvn3(name) for name in NAMES}
    assert written_in(written.values()) == TCVN3
    wrong = []
    for name, typed in written.items():
        read = from_legacy(typed, TCVN3)
        if typed != name and (read is None or read.text.lower() != name.lower()):
            wrong.append(name)
    # The rest are words that are Vietnamese both ways.
    assert len(wrong) < len(NAMES) / 500, wrong


def test_a_file_in_unicode_stays_so() -> None:
    assert written_in(NAMES) is None
    assert written_in([]) is None
    assert written_in(["Ban Pho", "1"]) is None


@pytest.mark.parametrize(
    "word", ["nghiêng", "Quảng", "giữa", "Thuở", "khuya", "Ý", "quí", "rượu", "yếu", "xoong"]
)
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["caù", "Baûn", "Th«n", "xyz", "ngh", "ắấ", "thoân", "aab"])
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)
