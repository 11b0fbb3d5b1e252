"""Some sentences, and a question that one of them answers: the model finds and copies it."""

from .dice import MOST_TRIES
from .phrasing import INDIRECT_FRAMES, capital, careless, small
from .words import COLOURS, FOODS, NAMES, PLACES, THINGS, WORDS, a, blend, made_up_word

OPENINGS = ("Listen: ", "Read this: ", "Here is what I know: ", "Remember: ", "I know this: ")
JOINTS = (". ", ". ", ". ", " and ", ", and ", ", ", "; ", " but ", ", but ")
SENTENCES = {2: 85, 3: 15}
FOLLOWED = 0.5  # passages that are asked about once more

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


def word_of(dice, pool, met):
    """One of a pool that was not met yet; for training often another word, so that none is learned
    by heart that had better been copied.
    """
    draw, named = dice.pick, pool.sides[0][0][0].isupper()
    if not dice.held_out and dice.chance(0.6):

        def draw(_):
            word = (made_up_word, blend, blend, lambda dice: dice.pick(WORDS))[dice.below(4)](dice)
            return capital(word) if named else word

    for _ in range(MOST_TRIES):
        if (word := draw(pool)) not in met:
            met.add(word)
            return word
    raise ValueError(f"every word that is drawn was met already: {', '.join(sorted(met))}")


class Passage:
    """Sentences of one kind, or of several, and what can be asked about each."""

    def __init__(self, dice, kinds):
        met = set()
        self.kinds = kinds
        self.words = [(word_of(dice, x, met), word_of(dice, y, met)) for x, y, _, _ in kinds]
        self.sentences = [
            say.format(x=x, y=y, ay=a(y)) for (_, _, say, _), (x, y) in zip(kinds, self.words)
        ]

    def ask(self, at, question, frame):
        """(question, answer) about one of the sentences.

        What was said of somebody is quoted. To say who it was, each sentence is turned round first:
        a small model finds what follows a word, and hardly ever what stands before it.
        """
        x, y = self.words[at]
        core = question[1 if frame else 0].format(x=x, y=y, ay=a(y))
        asked = frame.format(core) if frame else f"{capital(core)}?"
        if question is self.kinds[at][3][0]:
            return asked, f"You said that {self.sentences[at]}."
        turned = [f"{capital(s)} ({y}: {x})." for s, (x, y) in zip(self.sentences, self.words)]
        return asked, " ".join([*turned, f"So {y}: {x}."])


def two_sentences(dice):
    """Sentences and a question; often another question about the same ones follows."""

    def drawn(make_kind):
        def make():
            kind = make_kind()
            return kind, dice.one_of(kind[3]), dice.one_of(("", *INDIRECT_FRAMES))

        return dice.draw(make, lambda made: ("reading", *made[1], made[2]))

    kind, question, frame = drawn(lambda: dice.one_of(KINDS))
    alike = dice.chance(0.7)
    kinds = [kind if alike else dice.one_of(KINDS) for _ in range(dice.weighted(SENTENCES))]
    pools = [pool for each in (kind, *kinds) for pool in each[:2]]
    kinds = kinds[: min(len(pool.sides[dice.held_out]) for pool in pools)]  # no word stands twice
    count = len(kinds)
    order = sorted(range(count), key=lambda _: dice.random())
    kinds[order[0]] = kind
    passage = Passage(dice, kinds)
    asked, answer = passage.ask(order[0], question, frame)

    joint = dice.one_of(JOINTS) if count == 2 else ". "
    text = joint.join(capital(s) if joint == ". " else s for s in passage.sentences)
    text = capital(text) + "."
    first = dice.chance(0.15)
    if not first and dice.chance(0.5):
        opening = dice.one_of(OPENINGS)
        text = opening + (text if dice.chance(0.5) or kinds[0][0] is NAMES else small(text))
    whole = f"{asked} {text}" if first else f"{text} {asked}"
    turns = [(careless(dice, whole, keep_case=True, typos=False), answer)]
    if alike and dice.chance(FOLLOWED):
        _, question, frame = drawn(lambda: kind)
        asked, answer = passage.ask(order[1], question, frame)
        asked = f"And {small(asked)}" if not frame and dice.chance(0.4) else asked
        turns.append((careless(dice, asked, keep_case=True, typos=False), answer))
    return turns
