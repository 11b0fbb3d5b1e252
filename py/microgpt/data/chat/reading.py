"""Two sentences, and a question that one of them answers: the model finds and copies it."""

from .phrasing import INDIRECT_FRAMES, capital, careless
from .words import COLOURS, FOODS, NAMES, PLACES, THINGS, a, blend, made_up_word

OPENINGS = ("Listen: ", "Read this: ", "Here is what I know: ", "Remember: ", "I know this: ")

# (pool of the names or things, pool of what is said of them, the sentence, questions); a question
# is asked straight, or inside another: then its second form is needed.
KINDS = (
    (
        NAMES,
        THINGS,
        lambda who, what: f"{who} has {a(what)}",
        (
            ("what does {x} have", "what {x} has"),
            ("who has the {y}", "who has the {y}"),
            ("who has {ay}", "who has {ay}"),
        ),
    ),
    (
        NAMES,
        PLACES,
        lambda who, what: f"{who} is in the {what}",
        (
            ("where is {x}", "where {x} is"),
            ("who is in the {y}", "who is in the {y}"),
        ),
    ),
    (
        NAMES,
        FOODS,
        lambda who, what: f"{who} likes {what}",
        (
            ("what does {x} like", "what {x} likes"),
            ("who likes {y}", "who likes {y}"),
        ),
    ),
    (
        NAMES,
        PLACES,
        lambda who, what: f"{who} went to the {what}",
        (
            ("where did {x} go", "where {x} went"),
            ("who went to the {y}", "who went to the {y}"),
        ),
    ),
    (
        THINGS,
        COLOURS,
        lambda who, what: f"the {who} is {what}",
        (
            ("what colour is the {x}", "what colour the {x} is"),
            ("what is {y}", "what is {y}"),
        ),
    ),
)


def two_of(dice, pool):
    """Two of a pool; for training often words that nobody knows, so that none is learned by heart
    that had better been copied.
    """
    first, second = dice.two_of(pool)
    if dice.held_out or dice.chance(0.4):
        return first, second
    made = [made_up_word(dice) if dice.chance(0.6) else blend(dice) for _ in range(2)]
    if made[0] == made[1]:
        return first, second
    return tuple(map(capital, made)) if first[0].isupper() else tuple(made)


def two_sentences(dice):
    def make():
        kind = dice.one_of(KINDS)
        return kind, dice.one_of(kind[3]), dice.one_of(("", *INDIRECT_FRAMES))

    (subjects, objects, say, _), question, frame = dice.draw(
        make, lambda made: ("reading", KINDS.index(made[0]), *made[1], made[2])
    )
    who, what, at = two_of(dice, subjects), two_of(dice, objects), dice.below(2)
    core = question[1 if frame else 0].format(x=who[at], y=what[at], ay=a(what[at]))
    asked = frame.format(core) if frame else f"{capital(core)}?"
    sentences = [say(*pair) for pair in zip(who, what)]
    text = " ".join(f"{capital(sentence)}." for sentence in sentences)
    if dice.chance(0.6):
        text = dice.one_of(OPENINGS) + text
    text = careless(dice, f"{text} {asked}", keep_case=True, typos=False)
    return [(text, f"You said that {sentences[at]}.")]
