"""Passwords that are tried first, and those of people who thought about theirs."""

from __future__ import annotations

import pytest

from collector.accounts.devices import MOST_ACCOUNTS, Devices, words_of
from collector.accounts.passwords import is_common
from collector.accounts.secrets import Vault, new_password


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "P@ssw0rd2026!",
        "matkhau1234",
        "Mat Khau 2026",
        "M@tKh@u123456",
        "1234567890",
        "0987654321",
        "aaaaaaaaaaaa",
        "123123123123",
        "qwertyuiop",
        "vietnam2026",
        "khongbiet123",
        "anhyeuem1990",
        "sogiaoduc@123",
        "tuyenquang2026",
        "administrator",
        "adminadmin1",
        "xa.lungcu2026",
    ],
)
def test_what_is_tried_first_is_no_password(password: str) -> None:
    assert is_common(password, "xa.lungcu")


@pytest.mark.parametrize(
    "password",
    ["con trau cay ruong", "mat khau dai 10", "bon mua hoa ban no", "x9!kd02mmz", "lungcu di cho phien"],
)
def test_a_few_words_somebody_chose_are_one(password: str) -> None:
    assert not is_common(password, "xa.lungcu")


def test_what_the_server_makes_is_never_refused() -> None:
    assert not any(is_common(new_password(), "can.bo") for _ in range(200))


def test_a_browser_an_office_shares_is_known_to_each_of_its_officers() -> None:
    devices, cookie = Devices(Vault("a key")), ""
    names = [f"can.bo.{number}" for number in range(MOST_ACCOUNTS + 1)]
    for name in names:
        cookie = devices.after(cookie, name)
    assert not devices.known(cookie, names[0])
    assert len({devices.known(cookie, name) for name in names[1:]}) == 1
    assert devices.after(cookie, names[-1]) == cookie
    assert not Devices(Vault("another key")).known(cookie, names[-1])


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/128.0.0.0 Safari/537.36", "Chrome, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/128.0 Chrome/122 Safari/537", "Cốc Cốc, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari, iPhone",
        ),
        ("pyodk/1.2.0", "pyodk/1.2.0"),
        ("", ""),
    ],
)
def test_a_device_is_told_in_words_people_know(agent: str, said: str) -> None:
    assert words_of(agent) == said
