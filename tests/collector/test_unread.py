"""Who is refused hears it, however much he is still sending."""

from __future__ import annotations

from io import BytesIO

import pytest

from tests.live import serving
from tests.office import Office
from tests.proofs import load

PICTURE = b"\xff\xd8\xff" + bytes(3_000_000)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/key/unknown/projects/1/submission", 403),
        ("/v1/projects/1/forms", 401),
        ("/nowhere", 404),
        ("/healthz", 405),
    ],
)
def test_a_body_nobody_asked_for_is_read_before_the_refusal(office: Office, path: str, status: int) -> None:
    body = BytesIO(PICTURE)
    answer = office.client().post(path, input_stream=body, content_length=len(PICTURE))
    assert answer.status_code == status
    assert body.tell() == len(PICTURE)


def test_a_revoked_phone_hears_why_and_its_line_stays_open(office: Office) -> None:
    with serving(office) as live:
        given = office.phone()
        office.revoke(given)
        line = load.Line(int(live.address.rpartition(":")[2]))
        request = load.post(f"{given.path}/submission", load.multipart(b"<data id='x'/>", {"1.jpg": PICTURE}))
        assert [line.ask(request) for _ in range(3)] == [403, 403, 403]
        line.close()
