"""Lesson 12's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from course.fairness import loans, proxies
from course.widgets import Prediction, Question, choice, right, slider, wrong

_STAYS = {
    "gone": "it is gone: a model cannot treat differently what it does not see",
    "half": "about half of it stays",
    "most": "most of it stays",
}


def approval_guess() -> Prediction:
    """How many Black applicants were approved?"""
    white = loans.approvals()["White"].estimate
    return Prediction(
        f"Boston, 1990: of 100 White applicants for a mortgage, {100 * white:.0f} were approved. Of 100 Black applicants?",
        slider(80, 0, 100, label="Approved", unit="of 100"),
        key="12 approvals",
    )


def approved() -> float:
    """The counted share, in percent."""
    return 100 * loans.approvals()["Black"].estimate


def dropped_guess() -> Prediction:
    """What becomes of the gap when race is no column?"""
    return Prediction(
        "A model learns from the lenders' decisions which applications to approve, and is not shown race. What becomes of the gap "
        "between White and Black or Hispanic applicants?",
        choice("half", _STAYS, label="The gap"),
        key="12 dropped",
    )


def what_stays() -> str:
    """Which option the measurement on the mortgages chooses."""
    found = proxies.without("mortgages", 0, False)
    kept = found.gap.estimate / found.decided.estimate
    return "most" if kept > 0.75 else "half" if kept > 0.25 else "gone"


def both_right() -> Question:
    """What do two true statements about one score mean?"""
    return Question(
        "Of a risk score one side says: *among those it calls risky, the same share is charged again in either group*. The other says: *of those who "
        "are not charged, it calls twice the share risky in one group*. Whom do you believe?",
        [
            wrong(
                "One of them must have counted wrongly",
                "Both can be counted in the same table. The first looks at those called risky, the second at those who were not charged; "
                "these are different people.",
            ),
            right(
                "Both can be right, and with different base rates not everything can be equal at once",
                "That is the identity of part 2: equal precision and unequal base rates force at least one kind of error apart. What should be equal is "
                "no question of arithmetic.",
            ),
            wrong(
                "The first: a score is fair when it means the same for everybody",
                "That is one reasonable position, and it has a price, which the second statement names. Neither statement "
                "refutes the other.",
            ),
        ],
    )


def one_of_two() -> Question:
    """How should a group of two be reported?"""
    return Question(
        "Your audit has two people in the group *Hispanic, sex not recorded*. Both were approved. What do you write?",
        [
            wrong(
                "Approval 100 %: the best treated group",
                "Two people cannot show that. Wilson's interval for 2 of 2 reaches from 34 % to 100 %: nearly anything is possible.",
            ),
            wrong(
                "Nothing: too few to say anything",
                "Then they vanish from every report, and nobody will notice what happens to them. A group may even be small "
                "because it was treated badly before.",
            ),
            right(
                "2 of 2, interval 34 % to 100 %, too few to judge; and what would be needed",
                "The count, its interval and the plain words. Where even a count could tell who they are, privacy may ask for less; then "
                "say that something is held back.",
            ),
        ],
    )


def wrong_label() -> Question:
    """What makes a label unfair when the model is accurate?"""
    return Question(
        "A hospital chooses patients for extra care by predicted cost. The prediction is equally accurate in both groups, yet one group, "
        "equally ill, is seldom chosen. Where is the fault?",
        [
            wrong(
                "In the model: it needs more data or a better architecture",
                "It predicts cost very well. More data would make it predict the wrong thing better.",
            ),
            wrong(
                "In the missing column: race should be shown",
                "Shown race, it would learn even better that this group costs less.",
            ),
            right(
                "In the label: cost was taken for need",
                "Whoever gets less care costs less at the same illness. The label carries the old treatment into the new decision. Ask of "
                "every label what it stands in for.",
            ),
        ],
    )
