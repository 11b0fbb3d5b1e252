"""Sums told as small stories, in one step or two; all numbers are whole."""

from .phrasing import capital, careless
from .sums import answer, numbers_for
from .words import NAMES, THINGS, several

# (the expression, stories, questions): any story goes with any question beside it.
PROBLEMS = (
    (
        "{a}+{b}",
        (
            "{n} has {a} {t} and gets {b} more.",
            "{n} had {a} {t}. {m} gave {n} {b} more.",
            "There are {a} {t} in a box. {n} puts {b} more into it.",
            "{n} has {a} {t} and {m} has {b}.",
            "{n} found {a} {t} and {m} found {b} {t}.",
            "{n} bought {a} {t} on Monday and {b} on Friday.",
            "{n} counts {a} {t} here and {b} there.",
            "{a} {t} lie on the table and {b} on the floor.",
        ),
        (
            *("How many {t} are there in all?", "How many {t} is that together?"),
            *("How many is that?", "What is the total?", "How many {t} are there now?"),
            *("How many {t} is that in all?", "What do they make together?"),
        ),
    ),
    (
        "{a}-{b}",
        (
            "{n} has {a} {t} and gives {b} away.",
            "{n} had {a} {t} and lost {b} of them.",
            "There were {a} {t} in a box. {n} took out {b}.",
            "{n} made {a} {t} and sold {b}.",
            "{n} has {a} {t}. {b} of them break.",
            "{n} had {a} {t} and {m} took {b}.",
            "Of {a} {t}, {n} gave {b} to {m}.",
        ),
        (
            *("How many {t} are left?", "How many are left?", "How many {t} remain?"),
            *("How many {t} are left now?", "What is left?", "How many are still there?"),
        ),
    ),
    (
        "{a}*{b}",
        (
            "There are {a} boxes with {b} {t} each.",
            "{n} fills {a} bags with {b} {t} in each.",
            "{a} children have {b} {t} each.",
            "{n} buys {a} packs of {b} {t}.",
            "{n} has {a} rows of {b} {t}.",
            "On each of {a} days {n} finds {b} {t}.",
        ),
        (
            *("How many {t} are there in all?", "How many {t} is that together?"),
            *("How many is that?", "What is the total?", "How many {t} is that in all?"),
        ),
    ),
    (
        "{a}/{b}",
        (
            "{n} shares {a} {t} among {b} friends.",
            "{a} {t} are put evenly into {b} boxes.",
            "{n} splits {a} {t} into {b} equal piles.",
            "{b} children share {a} {t}.",
        ),
        (
            *("How many {t} does each one get?", "How many go to each?", "How many is that each?"),
            *("How many {t} are there for each?", "How many for each?"),
        ),
    ),
    (
        "{a}+{b}-{c}",
        (
            "{n} has {a} {t}, gets {b} more and loses {c}.",
            "{n} had {a} {t}. {m} gave {n} {b} and took {c}.",
            "There were {a} {t}. {n} added {b} and then sold {c}.",
        ),
        (
            *("How many {t} are there now?", "How many are left?", "How many {t} are left?"),
            *("How many {t} remain?", "How many is that?"),
        ),
    ),
    (
        "{a}*{b}+{c}",
        (
            "{n} has {a} bags with {b} {t} each and finds {c} more.",
            "There are {a} boxes of {b} {t}. {n} adds {c} {t}.",
            "{n} buys {a} packs of {b} {t} and gets {c} as a gift.",
        ),
        (
            *("How many {t} are there in all?", "How many is that?", "What is the total?"),
            *("How many {t} are there now?", "How many {t} is that together?"),
        ),
    ),
)


def word_problem(dice):
    def tell():
        expression, stories, questions = dice.one_of(PROBLEMS)
        return expression, dice.one_of(stories), dice.one_of(questions)

    expression, story, question = dice.draw(tell, lambda told: ("problem", *told))
    given = numbers_for(dice, expression)
    n, m = dice.two_of(NAMES)
    text = f"{story} {question}".format(n=n, m=m, t=several(dice.pick(THINGS)), **given)
    return [(careless(dice, capital(text)), answer(expression.format(**given)))]
