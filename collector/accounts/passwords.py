"""Passwords that are tried first: common ones, those of Viet Nam among them, patterns, the user name.

A password here has ten characters or more, so what is refused is a common word made long: with a year, with
signs for letters, twice over.
"""

from __future__ import annotations

import re

_WORDS = [
    "password",
    "passwd",
    "passwords",
    "passw0rd",
    "mypassword",
    "newpassword",
    "thepassword",
    "defaultpassword",
    "adminpassword",
    "welcome",
    "welcometo",
    "administrator",
    "admin",
    "administrators",
    "superadmin",
    "sysadmin",
    "adminadmin",
    "root",
    "rootroot",
    "user",
    "username",
    "guest",
    "test",
    "testing",
    "tester",
    "demo",
    "changeme",
    "changeit",
    "letmein",
    "iloveyou",
    "iloveu",
    "loveyou",
    "lovely",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "batman",
    "dragon",
    "monkey",
    "shadow",
    "master",
    "michael",
    "jennifer",
    "charlie",
    "whatever",
    "trustno",
    "trustnoone",
    "computer",
    "internet",
    "samsung",
    "iphone",
    "facebook",
    "google",
    "microsoft",
    "windows",
    "qwerty",
    "qwertyuiop",
    "qwertyui",
    "qwertz",
    "azerty",
    "asdfgh",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsx",
    "qazwsxedc",
    "qweasd",
    "qweasdzxc",
    "abc",
    "abcd",
    "abcde",
    "abcdef",
    "abcdefg",
    "abcdefgh",
    "abcdefghij",
    "secret",
    "topsecret",
    "login",
    "signin",
    "server",
    "collector",
    "opendatakit",
    "odkcollect",
    "odkcentral",
    "survey",
    "surveys",
    "matkhau",
    "matkhaumoi",
    "matkhaucu",
    "matkhaumanh",
    "matkhaukho",
    "matkhaucuatoi",
    "matkhaulagi",
    "khongco",
    "khongbiet",
    "khongnho",
    "quenroi",
    "quenmatkhau",
    "dangnhap",
    "nguoidung",
    "taikhoan",
    "quantri",
    "quantrivien",
    "hethong",
    "maychu",
    "maytinh",
    "dienthoai",
    "xinchao",
    "chaoban",
    "chaomung",
    "camon",
    "camonban",
    "yeuem",
    "yeuanh",
    "anhyeuem",
    "emyeuanh",
    "toiyeuban",
    "iloveyouvn",
    "vietnam",
    "toiyeuvietnam",
    "vietnamvodich",
    "vietnamoi",
    "hanoi",
    "saigon",
    "hochiminh",
    "tphochiminh",
    "danang",
    "haiphong",
    "cantho",
    "hue",
    "tuyenquang",
    "hagiang",
    "laocai",
    "caobang",
    "langson",
    "sonla",
    "dienbien",
    "laichau",
    "yenbai",
    "thainguyen",
    "giaoduc",
    "sogiaoduc",
    "sogddt",
    "phonggiaoduc",
    "phonggddt",
    "bogiaoduc",
    "giaovien",
    "hocsinh",
    "hieutruong",
    "truonghoc",
    "tieuhoc",
    "xoamuchu",
    "xoamu",
    "phocap",
    "phocapgiaoduc",
    "khaosat",
    "dieutra",
    "canbo",
    "uyban",
    "ubnd",
    "ubndxa",
    "nguyenvana",
    "nguyenthia",
    "tranvana",
    "nguyenvan",
    "nguyenthi",
    "nguyen",
    "tran",
    "conheo",
    "concho",
    "conmeo",
    "giadinh",
    "hanhphuc",
    "maimai",
    "mottrieu",
    "khongthequen",
]

COMMON = frozenset(_WORDS)
"""What is left of a common password without digits, signs and spaces around it."""

_SIGNS = str.maketrans({
    "@": "a",
    "4": "a",
    "0": "o",
    "1": "i",
    "3": "e",
    "5": "s",
    "$": "s",
    "7": "t",
    "!": "i",
})
_ROWS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertyuiop")
_FEW_LETTERS = 3
_SHORT_REST = 4


def is_common(password: str, username: str = "") -> bool:
    """Whether a password is among the first that are tried for an account of that name."""
    said = "".join(password.lower().split())
    bare = _letters(said)
    signed = _letters(re.sub(r"[^a-z0-9@$!]+|[0-9!]+$", "", said).translate(_SIGNS))
    return (
        len(set(said)) <= _FEW_LETTERS
        or _repeats(said)
        or any(said in one or said in one[::-1] for one in _ROWS)
        or any(_is_word(core) for core in (bare, signed))
        or _is_name(said, "".join(username.lower().split()))
    )


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text)


def _is_word(core: str) -> bool:
    """A common word, or two of them."""
    return core in COMMON or any(
        core[:at] in COMMON and core[at:] in COMMON for at in range(_SHORT_REST, len(core) - 1)
    )


def _repeats(said: str) -> bool:
    """One piece of at most five characters again and again: 123412341234, haiphaiphaip."""
    return re.fullmatch(r"(.{1,5})\1+.{0,2}", said) is not None


def _is_name(said: str, username: str) -> bool:
    """The user name, with no more than a few characters beside it."""
    if len(username) < _SHORT_REST:
        return False
    for name in {username, _letters(username)}:
        if name and name in said and len(said) - len(name) <= _SHORT_REST:
            return True
    return False
