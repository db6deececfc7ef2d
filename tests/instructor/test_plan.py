"""A schedule that fits its hours, in the course's order, with breaks; and a word where it cannot."""

import pytest

from course.classroom.plan import AT_A_STRETCH, AUDIENCES, CLOSING, OPENING, plan
from course.classroom.syllabus import choose, lessons

COURSE = {
    "_00_start_here": "Start here: 5,5",
    "_01_training": "What training is: 10,15,15",
    "_02_autograd": "Autograd: 15,15,20",
    "_03_loop": "The loop: 10,15,15,10",
    "_04_data": "Data: 15,15,15",
}


def taught(found) -> list[str]:
    return [slot.what for slot in found.slots if slot.what[:2].isdigit()]


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("hours", [1, 1.5, 3, 6, 8])
def test_the_slots_fill_the_hours_and_follow_each_other(make_lessons, audience, hours):
    found = plan(hours, audience, make_lessons(**COURSE))
    ends = [slot.start + slot.minutes for slot in found.slots]
    assert [slot.start for slot in found.slots] == [0, *ends[:-1]]
    assert ends[-1] == hours * 60
    assert found.slots[0].minutes == OPENING
    assert found.slots[-1].minutes == CLOSING


def test_lessons_stand_in_the_course_s_order_and_parts_in_theirs(make_lessons):
    found = taught(plan(8, "developers", make_lessons(**COURSE)))
    assert found == sorted(found)
    assert {what[:2] for what in found} == {"02", "03", "04"}


def test_nobody_sits_longer_than_an_hour_without_a_break(make_lessons):
    found = plan(8, "beginners", make_lessons(**COURSE))
    since = 0
    for slot in found.slots:
        pause = slot.what in ("Break", "Lunch")
        since = 0 if pause else since + slot.minutes
        if slot.what[:2].isdigit():
            assert since <= AT_A_STRETCH + OPENING
    assert [slot.what for slot in found.slots].count("Lunch") == 1


def test_what_does_not_fit_is_named_with_its_minutes(make_lessons):
    found = plan(2, "beginners", make_lessons(**COURSE))
    assert "04 Data, 45 min" in found.left_out
    assert any(name.startswith("02 Autograd (Part 3 · P3), 20 min") for name in found.left_out)
    assert str(found).endswith(f"Left out for want of time: {'; '.join(found.left_out)}.")


def test_the_minutes_planned_are_the_lesson_s_own(make_lessons):
    found = plan(3, "developers", make_lessons(_03_loop="The loop: 10,15,15,10"))
    parts = [slot.minutes for slot in found.slots if slot.what[:2] == "03"]
    assert parts == [10, 15, 15, 10]
    assert found.left_out == ()


def test_too_few_hours_are_said(make_lessons):
    known = make_lessons(**COURSE)
    nothing = plan(0.4, "developers", known)
    assert nothing.slots == ()
    assert "24 minutes are too few" in str(nothing)
    assert "takes 30 with welcome and closing" in str(nothing)
    piece = plan(0.75, "developers", known)
    assert "do not hold one whole lesson" in str(piece)
    assert taught(piece) == ["03 The loop · Part 1 · P1", "03 The loop · Part 2 · P2"]
    assert plan(2, "developers", known).warning == ""


@pytest.mark.parametrize(
    ("hours", "audience", "words"),
    [
        (3, "everyone", "'everyone'; choose one of beginners, developers, decision-makers"),
        (0, "beginners", "hours is 0"),
        (11, "beginners", "at most 10"),
        (float("nan"), "beginners", "hours is nan"),
    ],
)
def test_what_cannot_be_planned_is_refused(make_lessons, hours, audience, words):
    with pytest.raises(ValueError, match=words):
        plan(hours, audience, make_lessons(**COURSE))


def test_an_edition_without_minutes_cannot_be_planned(make_lessons):
    with pytest.raises(ValueError, match="states its minutes"):
        plan(3, "beginners", make_lessons(_01_x="No minutes: "))


def test_lessons_are_chosen_by_number_or_name(make_lessons):
    known = make_lessons(**COURSE)
    assert [lesson.number for lesson in choose("3, 01", known)] == ["03", "01"]
    assert [lesson.number for lesson in choose("04_data,4", known)] == ["04"]
    assert choose(None, known) == known
    for wanted, words in (
        ("09", "no lesson '09'; the lessons here are 00, 01"),
        (",", "no lesson;"),
    ):
        with pytest.raises(ValueError, match=words):
            choose(wanted, known)


def test_every_lesson_of_this_course_can_be_planned():
    for lesson in lessons():
        assert lesson.parts, lesson.name
        assert lesson.minutes > 0, lesson.name
