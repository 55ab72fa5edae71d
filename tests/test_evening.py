"""A sample of `make evening`: phones come home over lines that break, and all they sent is there once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from storage.database import db
from tests.proofs.evening import Size, faults_of, prove
from tests.proofs.running import Running


def test_phones_that_come_home_lose_and_double_nothing(tmp_path: Path, begun_url: str) -> None:
    server = Running(tmp_path / "home", begun_url)
    try:
        server.start()
        outcome = prove(server, Size(phones=6, forms=2, dropped=0.3, at_once=4))
        evening = outcome.evening
        assert outcome.faults == []
        assert (len(evening.sent), outcome.kept, outcome.files, evening.done) == (12, 12, 12, 6)
        assert sum(evening.breaks.values()) > 0
        office = server.office()
        with office.app.app_context():
            # The proof of the proof: what is gone is found.
            db.session.execute(text("UPDATE submission_files SET blob_sha256 = NULL"))
            found = list(faults_of(db.session(), office, outcome))
            db.session.rollback()
        office.close()
        assert sum("another photo" in fault for fault in found) == 12
    finally:
        server.kill()
