"""Somebody with places of his own: whatever is asked, and however, nothing foreign comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Executable, Table, exists, false, func, literal, select, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, aliased

from storage.cuts import CUTS, ScopeForgotten, can_see, enter, visible, within
from storage.database import Base, db, transaction
from storage.models import (
    Actor,
    AppUser,
    Assignment,
    Batch,
    BatchItem,
    Campaign,
    CampaignForm,
    Entity,
    EntityList,
    EntityVersion,
    Finding,
    Place,
    PlaceChange,
    PlaceSpan,
    SentBack,
    Submission,
    SubmissionVersion,
)
from storage.problems import PlacesTooWide, PlaceUnknown
from storage.scope import NOTHING, WHOLE, Scope, current
from storage.snapshot import snapshot
from tests import tree
from tests.collector.openrosa.sheets import sheet
from tests.office import NOW, Office
from tests.tree import HERE, HERE_VILLAGE, OLD_HERE, OTHER_VILLAGE, PROVINCE, THERE, THERE_VILLAGE

OFFICER = Scope((HERE,), 1)

PLACES = {1: HERE_VILLAGE, 2: THERE_VILLAGE, 3: None, 4: OLD_HERE, 5: OTHER_VILLAGE}
"""Number of a record to its place; the officer sees 1, 4 and 5."""
SEEN: set[object] = {1, 4, 5}


reading = pytest.mark.usefixtures("_inside_kept")
changing = pytest.mark.usefixtures("_inside_own")


@pytest.fixture(scope="module")
def filled_office(kept_office: Office) -> Office:
    _fill(kept_office)
    return kept_office


@pytest.fixture
def _inside_kept(filled_office: Office) -> Iterator[None]:
    with filled_office.app.app_context():
        yield
        enter(WHOLE)


@pytest.fixture
def _inside_own(office: Office) -> Iterator[None]:
    _fill(office)
    with office.app.app_context():
        yield
        enter(WHOLE)


def _fill(office: Office) -> None:
    form = office.publish(sheet("f01"))
    with office.app.app_context(), transaction() as session:
        tree.plant(session)
        for number, code in PLACES.items():
            _record(session, form.id, form.current_id or 0, number, code)
        _rest(session)


def _record(session: Session, form_id: int, version_id: int, number: int, code: str | None) -> None:
    own = {"form_id": form_id, "draft": False, "form_version_id": version_id, "created_at": NOW}
    record = Submission(id=number, instance_id=f"uuid:{number}", place_code=code, place_sent=code, **own)
    session.add(record)
    session.flush()
    version = SubmissionVersion(
        id=number, submission_id=number, instance_id=f"uuid:{number}", xml_sha256="", xml_size=0, **own
    )
    finding = Finding(
        id=number,
        submission_id=number,
        place_code=code,
        check="value_unreadable",
        path="",
        key="",
        value="",
        created_at=NOW,
    )
    session.add_all([version, finding, SentBack(id=number, submission_id=number, reason="?", created_at=NOW)])


def _rest(session: Session) -> None:
    session.add(EntityList(id=1, project_id=1, name="hộ", created_at=NOW))
    session.flush()
    for number, code in PLACES.items():
        session.add(
            Entity(id=number, list_id=1, uuid=f"uuid-{number}", label="Hộ", place_code=code, created_at=NOW)
        )
        session.flush()
        session.add(EntityVersion(id=number, entity_id=number, version=1, label="Hộ", created_at=NOW))
    for number, codes in ((101, [HERE_VILLAGE]), (102, [THERE_VILLAGE]), (103, [HERE, THERE]), (104, [])):
        session.add(Actor(id=number, type="field_key", display_name=f"Máy {number}", created_at=NOW))
        session.flush()
        session.add(AppUser(actor_id=number, project_id=1, place_codes=codes))
    days = {name: NOW.date() for name in ("period_from", "period_to", "opens_on", "due_on")}
    for number, code in ((1, HERE), (2, THERE), (3, PROVINCE)):
        session.add(
            Campaign(
                id=number, project_id=1, key=f"k{number}", name="", place_code=code, created_at=NOW, **days
            )
        )
        session.flush()
        session.add(CampaignForm(campaign_id=number, xml_form_id="f01", unit="village"))
        session.add(Batch(id=number, kind="villages", actor_id=1 if number == 1 else None, created_at=NOW))
        session.flush()
        session.add(BatchItem(id=number, batch_id=number, noun="place", key=code))


other = aliased(Submission)
under = select(Submission.id).where(Submission.form_id == 1)
inner = under.subquery()
common = under.cte("common")

WAYS: dict[str, Executable] = {
    "a whole row": select(Submission.id).select_from(Submission),
    "an alias": select(other.id),
    "a join": select(Finding.submission_id).join(Submission, Submission.id == Finding.submission_id),
    "a join of an alias": select(Actor.id, other.id)
    .join(other, literal(value=True))
    .with_only_columns(other.id),
    "a join in where": select(SubmissionVersion.id).where(SubmissionVersion.submission_id == Submission.id),
    "a subquery": select(inner.c.id),
    "a common table": select(common.c.id),
    "in a subquery": select(other.id).where(other.id.in_(under)),
    "plain tables and a subquery": select(Base.metadata.tables["submission_versions"].c.submission_id).where(
        Base.metadata.tables["submission_versions"].c.submission_id.in_(under)
    ),
    "a union": select(Submission.id).union(select(other.id)),
    "exists": select(Finding.id).where(exists().where(Submission.id == Finding.submission_id)),
    "both at once": select(Submission.id).join(other, other.id == Submission.id),
}


@pytest.mark.parametrize("way", WAYS)
@reading
def test_however_records_are_asked_for_the_foreign_ones_stay_away(way: str) -> None:
    session = db.session()
    assert set(session.execute(WAYS[way]).scalars()) >= SEEN
    with within(OFFICER):
        assert set(session.execute(WAYS[way]).scalars()) == SEEN
    with within(Scope((THERE,))):
        assert set(session.execute(WAYS[way]).scalars()) == {2}
    with within(Scope((HERE, THERE))):
        assert set(session.execute(WAYS[way]).scalars()) == {1, 2, 4, 5}
    with within(NOTHING):
        assert set(session.execute(WAYS[way]).scalars()) == set()


@reading
def test_counts_sums_and_inner_questions_are_cut() -> None:
    session = db.session()
    questions: tuple[tuple[Executable, int, int], ...] = (
        (select(func.count()).where(Submission.form_id > 0), 5, 3),
        (select(func.count()).select_from(Submission), 5, 3),
        (select(func.max(Submission.id)), 5, 5),
        (select(func.min(other.id)).where(other.id > 1), 2, 4),
        (
            select(
                select(func.count()).where(Submission.id == Actor.id).correlate(Actor).scalar_subquery()
            ).where(Actor.id == 1),
            1,
            1,
        ),
        (select(select(func.count()).where(other.place_code == THERE_VILLAGE).scalar_subquery()), 1, 0),
    )
    for question, everything, own in questions:
        assert session.scalar(question) == everything
        with within(OFFICER):
            assert session.scalar(question) == own


@reading
def test_the_same_is_true_of_a_snapshot() -> None:
    with within(OFFICER), snapshot() as session:
        assert set(session.scalars(select(Submission.id))) == SEEN
        assert session.get(Submission, 2) is None


@reading
def test_a_key_opens_nothing_foreign_though_the_session_holds_it() -> None:
    session = db.session()
    held = session.get_one(Submission, 2)
    place = session.get_one(Place, THERE)
    with within(OFFICER):
        assert session.get(Submission, 2) is None
        assert session.get(Place, THERE) is None
        with pytest.raises(NoResultFound):
            session.get_one(Submission, held.id)
        assert session.get_one(Submission, 1).place_code == HERE_VILLAGE
    assert session.get(Place, place.code) is place


@reading
def test_what_hangs_on_a_record_or_a_place_goes_with_it() -> None:
    session = db.session()
    expected: dict[type, set[object]] = {
        Submission: SEEN,
        SubmissionVersion: SEEN,
        Finding: SEEN,
        SentBack: SEEN,
        Entity: SEEN,
        EntityVersion: SEEN,
        Place: {PROVINCE, HERE, OLD_HERE, HERE_VILLAGE, OTHER_VILLAGE},
        PlaceChange: set(),
        Campaign: {1, 3},
        AppUser: {101},
        Batch: {1},
        BatchItem: {1},
    }
    for cls, keys in expected.items():
        column = cls.__table__.primary_key.columns[0]  # type: ignore[attr-defined]
        key = getattr(cls, column.name)
        with within(OFFICER):
            assert set(session.scalars(select(key))) == keys, cls
        assert set(session.scalars(select(key))) > keys, cls
    with within(OFFICER):
        assert set(session.scalars(select(CampaignForm.campaign_id))) == {1, 3}
        assert set(session.scalars(select(PlaceSpan.code))) == expected[Place]


@reading
def test_two_people_one_after_the_other_see_each_their_own() -> None:
    session = db.session()
    question = select(Submission.id)
    for _again in range(3):
        for scope, seen in ((OFFICER, SEEN), (Scope((THERE,)), {2}), (WHOLE, set(PLACES)), (NOTHING, set())):
            with within(scope):
                assert set(session.scalars(question)) == seen
                assert current() == scope


PLAIN: Table = Base.metadata.tables["submissions"]


@reading
def test_a_statement_on_plain_tables_must_not_forget() -> None:
    session = db.session()
    versions = Base.metadata.tables["submission_versions"]
    joined = select(versions.c.id).join(PLAIN, PLAIN.c.id == versions.c.submission_id)
    nicked = PLAIN.alias("some")
    forgetful: tuple[Executable, ...] = (
        select(PLAIN.c.id),
        joined,
        select(nicked.c.id),
        select(nicked.c.id)
        .join(PLAIN, PLAIN.c.id == nicked.c.id)
        .where(visible(PLAIN.c.place_code, OFFICER)),
        select(PLAIN.c.id).where(
            PLAIN.c.id.in_(select(nicked.c.id).where(visible(nicked.c.place_code, OFFICER)))
        ),
    )
    for question in forgetful:
        with within(OFFICER), pytest.raises(ScopeForgotten):
            session.execute(question)
    for question in (select(PLAIN.c.id), joined):
        with within(OFFICER):
            asked = question.where(visible(PLAIN.c.place_code, current()))
            assert set(session.execute(asked).scalars()) == SEEN
        assert set(session.execute(question.where(visible(PLAIN.c.place_code, WHOLE))).scalars()) == set(
            PLACES
        )


@reading
def test_what_nothing_can_answer_forgets_nothing() -> None:
    question = select(Submission.id).where(false())
    with within(OFFICER):
        assert db.session().execute(question).all() == []


@changing
def test_many_at_once_are_changed_only_within() -> None:
    with within(OFFICER), transaction() as session:
        session.execute(update(Submission).values(review_state="approved"))
    states = dict(db.session().execute(select(Submission.id, Submission.review_state)).all())
    assert {number for number, state in states.items() if state == "approved"} == SEEN


def _phone(*codes: str) -> Callable[[Session], None]:
    def make(session: Session) -> None:
        session.add(Actor(id=900, type="field_key", display_name="Máy", created_at=NOW))
        session.flush()
        session.add(AppUser(actor_id=900, project_id=1, place_codes=list(codes)))

    return make


def _assign(code: str | None) -> Callable[[Session], None]:
    def make(session: Session) -> None:
        session.add(Assignment(actor_id=1, role=20, project_id=1, place_code=code))

    return make


def _move(session: Session) -> None:
    session.get_one(Submission, 1).place_code = THERE_VILLAGE


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (_phone(HERE_VILLAGE), None),
        (_phone(HERE_VILLAGE, THERE), PlaceUnknown),
        (_phone(), PlacesTooWide),
        (_assign(HERE), None),
        (_assign(PROVINCE), PlaceUnknown),
        (_assign(None), PlacesTooWide),
        (_move, PlaceUnknown),
    ],
)
@changing
def test_nobody_gives_away_more_than_he_has(
    change: Callable[[Session], None], refusal: type[Exception] | None
) -> None:
    def attempt() -> None:
        with transaction() as session:
            change(session)

    if refusal is None:
        with within(OFFICER):
            attempt()
        return
    with within(OFFICER), pytest.raises(refusal):
        attempt()
    attempt()


@reading
def test_seeing_is_asked_of_all_places_together() -> None:
    session = db.session()
    with within(OFFICER):
        assert can_see(session, [HERE, HERE_VILLAGE, OLD_HERE])
        assert can_see(session, [])
        assert not can_see(session, [HERE, THERE])
        assert not can_see(session, [PROVINCE])
    assert can_see(session, [HERE, THERE, "unknown"])


FREE = {
    "assignments": "read to know who asks, before anything is cut",
    "api_keys": "found by their token or their owner; what they open is cut each time",
    "actors": "names stand beside what is seen of them",
    "blobs": "found by what names them",
    "entity_lists": "a project's, not a place's",
    "entity_properties": "a project's",
    "entity_uses": "a form's",
    "entity_stamps": "numbers",
    "figure_marks": "what has to be worked out anew; nobody is shown any",
    "figure_units": "which unit a record is about, for the worker",
    "outline_files": "the files of the map, for who sees all of it (tests/collector/walk)",
    "place_words": "pieces of names, read only to find places, which are cut",
    "place_paths": "codes only; what everything else is cut by",
    "submission_files": "found by the version that names them",
}


def test_every_class_with_a_place_is_cut() -> None:
    """A new table with a place has to say how it is cut, or why not."""
    linked = {
        table.name
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in {"place_code", "place_codes", "submission_id", "entity_id", "submission_version_id"}
        or any(key.column.table.name == "places" for key in column.foreign_keys)
    }
    cut = {cls.__tablename__ for cls in CUTS}  # type: ignore[attr-defined]
    assert linked - cut - FREE.keys() == set()
