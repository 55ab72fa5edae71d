"""Invented households: who lives together, how old, and how far each one came at school."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from collector.demo.names import FEMALE, KINH, MALE, PEOPLES, TAY, family_name, full_name

HEAD, SPOUSE, CHILD, CHILD_IN_LAW, PARENT, GRANDCHILD = "1", "2", "3", "4", "5", "7"
NEVER, ATTENDS, LEFT = "1", "2", "3"
AT_HOME, NEWCOMER, AWAY_SHORTLY, AWAY = "1", "2", "3", "4"
_OLD, _ADULT = 45, 19


@dataclass(frozen=True, slots=True)
class Person:
    """One member: facts, in the codes of the surveys.

    `grade` is the highest finished; `phase` of the literacy programme 0, 1 or 2; `reads` whether the quick
    check will be passed; `able` whether somebody with a disability can learn.
    """

    name: str
    relation: str
    sex: str
    age: int
    ethnic: str
    residence: str = AT_HOME
    disability: str = "0"
    able: bool = True
    school: str = NEVER
    grade: int = 0
    phase: int = 0
    reads: bool = False


def household(dice: random.Random, ethnic: str) -> list[Person]:
    """The members, the head first."""
    family = family_name(dice, ethnic)
    age = min(78, max(22, round(dice.gauss(44, 12))))
    sex = MALE if dice.random() < 0.84 else FEMALE
    members = [_person(dice, full_name(dice, family, ethnic, sex), HEAD, (sex, age, ethnic))]
    young = age
    if dice.random() < 0.88:
        young = max(19, age - dice.randint(-3, 6))
        theirs = ethnic if dice.random() < 0.9 else dice.choice((TAY, KINH))
        other = family_name(dice, theirs)
        who = (FEMALE if sex == MALE else MALE, young, theirs)
        members.append(_person(dice, full_name(dice, other, theirs, who[0]), SPOUSE, who))
        # Children have their father's name.
        family = family if sex == MALE else other
    if age < 50 and dice.random() < 0.25:
        members.append(_parent(dice, family, age, ethnic))
    members.extend(_children(dice, family, min(age, young), ethnic))
    return members


def _parent(dice: random.Random, family: str, age: int, ethnic: str) -> Person:
    sex = dice.choice((MALE, FEMALE, FEMALE))
    own = family if sex == MALE else family_name(dice, ethnic)
    who = (sex, min(92, age + dice.randint(19, 30)), ethnic)
    return _person(dice, full_name(dice, own, ethnic, sex), PARENT, who)


def _children(dice: random.Random, family: str, parents: int, ethnic: str) -> Iterator[Person]:
    eldest = parents - dice.randint(18, 24)
    married = False
    for _ in range(dice.randint(0 if dice.random() < 0.2 else 1, PEOPLES[ethnic].children + 1)):
        if eldest < 0:
            return
        sex = dice.choice((MALE, FEMALE))
        # Most of the grown-up have a household of their own.
        if eldest < 22 or dice.random() < 0.4:
            yield _person(dice, full_name(dice, family, ethnic, sex), CHILD, (sex, eldest, ethnic))
            if sex == MALE and eldest > 21 and not married:
                married = True
                yield from _young_family(dice, family, eldest, ethnic)
        eldest -= dice.randint(2, 5)


def _young_family(dice: random.Random, family: str, father: int, ethnic: str) -> Iterator[Person]:
    age = max(18, father - dice.randint(-1, 4))
    name = full_name(dice, family_name(dice, ethnic), ethnic, FEMALE)
    yield _person(dice, name, CHILD_IN_LAW, (FEMALE, age, ethnic))
    child = age - dice.randint(18, 20)
    while child >= 0:
        sex = dice.choice((MALE, FEMALE))
        yield _person(dice, full_name(dice, family, ethnic, sex), GRANDCHILD, (sex, child, ethnic))
        child -= dice.randint(3, 6)


def _person(dice: random.Random, name: str, relation: str, who: tuple[str, int, str]) -> Person:
    sex, age, ethnic = who
    disability = "0" if dice.random() < 0.97 else dice.choice("1234")
    school, grade = _schooling(dice, sex, age, ethnic)
    phase = 0
    if school != ATTENDS and age >= _ADULT and grade < 5:
        phase = dice.choices((0, 1, 2), (80, 14, 6))[0]
    formal = 2 if grade >= 5 or phase == 2 else 1 if grade >= 3 or phase == 1 else 0
    return Person(
        name,
        relation,
        sex,
        age,
        ethnic,
        residence=_residence(dice, relation, age),
        disability=disability,
        able=disability == "0" or dice.random() < 0.6,
        school=school,
        grade=grade,
        phase=phase,
        reads=dice.random() < (0.14, 0.62, 0.93)[formal],
    )


def _residence(dice: random.Random, relation: str, age: int) -> str:
    if relation in {HEAD, PARENT} or not 17 <= age <= 45:
        return AT_HOME
    return dice.choices((AT_HOME, NEWCOMER, AWAY_SHORTLY, AWAY), (80, 3, 5, 12))[0]


def _schooling(dice: random.Random, sex: str, age: int, ethnic: str) -> tuple[str, int]:
    """Attendance and the highest grade finished."""
    if age < _ADULT:
        return _at_school_age(dice, age, ethnic)
    share = PEOPLES[ethnic].unschooled * (1.25 if sex == FEMALE else 0.8)
    if age < _OLD:
        share *= (age - 12) / 40
    if dice.random() < share:
        return NEVER, 0
    low, high = (1, 9) if share > 0.1 else (5, 12)
    return LEFT, dice.choice((low, dice.randint(low, high), dice.randint(low, high), high))


def _at_school_age(dice: random.Random, age: int, ethnic: str) -> tuple[str, int]:
    most = max(0, age - 6)
    drops = PEOPLES[ethnic].unschooled * (0.04 if age < 15 else 0.7)
    if age < 6:
        return (ATTENDS if dice.random() < 0.9 else NEVER), 0
    if age >= 8 and dice.random() < drops:
        return LEFT, dice.randint(1, min(most, 9))
    if dice.random() < drops / 4:
        return NEVER, 0
    return ATTENDS, min(most, 11)
