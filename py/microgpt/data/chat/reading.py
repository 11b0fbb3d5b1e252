"""Some sentences, and a question that one of them answers: the model finds and copies it."""

from .phrasing import INDIRECT_FRAMES, capital, careless, small
from .words import COLOURS, FOODS, NAMES, PLACES, THINGS, WORDS, a, blend, made_up_word

OPENINGS = ("Listen: ", "Read this: ", "Here is what I know: ", "Remember: ", "I know this: ")
JOINTS = (". ", ". ", ". ", " and ", ", and ", ", ", "; ", " but ", ", but ")
SENTENCES = {2: 85, 3: 15}

# Verbs as "he has" and "does he have", or as "he found" and "did he find".
WITH_THINGS = """has have|owns own|holds hold|wants want|carries carry|needs need|sees see
|hides hide|keeps keep|sells sell|draws draw|found find|lost lose|bought buy|brought bring
|took take|made make|got get|saw see|sold sell|broke break|dropped drop"""
WITH_FOODS = """likes like|eats eat|loves love|hates hate|cooks cook|wants want|prefers prefer
|buys buy|ate eat|cooked cook|ordered order|bought buy|chose choose|brought bring"""
IN_PLACES = """lives live|sleeps sleep|works work|waits wait|sits sit|plays play|hides hide
|slept sleep|played play|worked work|waited wait|stayed stay|lived live"""


def forms(verbs):
    """(he has, does, have) of each verb."""
    for pair in verbs.replace("\n", "").split("|"):
        said, asked = pair.split()
        yield (
            said,
            "does" if said in (f"{asked}s", f"{asked}es", "has", "carries") else "did",
            asked,
        )


def kinds():
    """Of each kind (pool of whom or what, pool of what is said of it, the sentence, questions).

    A question is asked straight, or inside another: then its second form is needed.
    """
    for said, does, verb in forms(WITH_THINGS):
        yield (
            NAMES,
            THINGS,
            f"{{x}} {said} {{ay}}",
            (
                (f"what {does} {{x}} {verb}", f"what {{x}} {said}"),
                (f"who {said} the {{y}}", f"who {said} the {{y}}"),
                (f"who {said} {{ay}}", f"who {said} {{ay}}"),
            ),
        )
    for said, does, verb in forms(WITH_FOODS):
        yield (
            NAMES,
            FOODS,
            f"{{x}} {said} {{y}}",
            (
                (f"what {does} {{x}} {verb}", f"what {{x}} {said}"),
                (f"who {said} {{y}}", f"who {said} {{y}}"),
            ),
        )
    for said, does, verb in forms(IN_PLACES):
        yield (
            NAMES,
            PLACES,
            f"{{x}} {said} in the {{y}}",
            (
                (f"where {does} {{x}} {verb}", f"where {{x}} {said}"),
                (f"who {said} in the {{y}}", f"who {said} in the {{y}}"),
            ),
        )
    for said in ("is in", "was in", "is at", "is near", "was at"):
        is_ = said.split()[0]
        yield (
            NAMES,
            PLACES,
            f"{{x}} {said} the {{y}}",
            (
                (f"where {is_} {{x}}", f"where {{x}} {is_}"),
                (f"who {said} the {{y}}", f"who {said} the {{y}}"),
            ),
        )
        yield (
            THINGS,
            PLACES,
            f"the {{x}} {said} the {{y}}",
            (
                (f"where {is_} the {{x}}", f"where the {{x}} {is_}"),
                (f"what {said} the {{y}}", f"what {said} the {{y}}"),
            ),
        )
    for said, verb in (("went to", "go"), ("ran to", "run"), ("walked to", "walk")):
        yield (
            NAMES,
            PLACES,
            f"{{x}} {said} the {{y}}",
            (
                (f"where did {{x}} {verb}", f"where {{x}} {said.split()[0]}"),
                (f"who {said} the {{y}}", f"who {said} the {{y}}"),
            ),
        )
    for is_ in ("is", "was"):
        yield (
            THINGS,
            COLOURS,
            f"the {{x}} {is_} {{y}}",
            (
                (f"what colour {is_} the {{x}}", f"what colour the {{x}} {is_}"),
                (f"what {is_} {{y}}", f"what {is_} {{y}}"),
                (f"which thing {is_} {{y}}", f"which thing {is_} {{y}}"),
            ),
        )


KINDS = tuple(kinds())


def several_of(dice, pool, count):
    """Different ones of a pool; for training often other words, so that none is learned by heart
    that had better been copied.
    """
    draw, named = dice.pick, pool.sides[0][0][0].isupper()
    if not dice.held_out and dice.chance(0.6):

        def draw(_):
            word = (made_up_word, blend, blend, lambda dice: dice.pick(WORDS))[dice.below(4)](dice)
            return capital(word) if named else word

    found = []
    while len(found) < count:
        word = draw(pool)
        if word not in found:
            found.append(word)
    return found


def two_sentences(dice):
    def make():
        kind = dice.one_of(KINDS)
        return kind, dice.one_of(kind[3]), dice.one_of(("", *INDIRECT_FRAMES))

    kind, question, frame = dice.draw(make, lambda made: ("reading", *made[1], made[2]))
    count = min(dice.weighted(SENTENCES), *(len(p.sides[dice.held_out]) for p in kind[:2]))
    subjects, objects, say, _ = kind
    who, what = several_of(dice, subjects, count), several_of(dice, objects, count)
    at = dice.below(count)
    core = question[1 if frame else 0].format(x=who[at], y=what[at], ay=a(what[at]))
    asked = frame.format(core) if frame else f"{capital(core)}?"
    sentences = [say.format(x=x, y=y, ay=a(y)) for x, y in zip(who, what)]
    joint = dice.one_of(JOINTS) if count == 2 else ". "
    text = joint.join(capital(s) if joint == ". " else s for s in sentences)
    text = capital(text) + "."
    if dice.chance(0.5):
        opening = dice.one_of(OPENINGS)
        text = opening + (text if dice.chance(0.5) or subjects is NAMES else small(text))
    text = careless(dice, f"{text} {asked}", keep_case=True, typos=False)
    return [(text, f"You said that {sentences[at]}.")]
