"""Sums told as small stories, in one step or two; all numbers are whole.

A story is put together: who, what happens, to what. What happens says which operation it is, so
there are many words for each.
"""

import re

from .letters import any_word
from .phrasing import capital, careless, small
from .sums import answer, numbers_for
from .words import NAMES, THINGS, several

# What stands for a slot of a story; what has "and" in it is one choice, between bars.
SLOTS = {
    "gets": """gets|finds|buys|wins|earns|receives|picks|collects|makes|borrows|gathers|catches
        |takes|orders|adds|bakes|grows""",
    "got": """got|found|bought|won|earned|received|picked|collected|made|borrowed|gathered|caught
        |took|ordered|added|baked""",
    "get": """get|find|buy|win|earn|receive|pick|collect|make|borrow|gather|catch|take|order|add""",
    "loses": """loses|sells|eats|breaks|drops|spends|uses|lends|gives away|throws away|forgets
        |returns|hands out|donates|removes|sends off""",
    "lost": """lost|sold|ate|broke|dropped|spent|used|lent|gave away|threw away|forgot|returned
        |handed out|donated|removed|sent off|used up""",
    "lose": """lose|sell|eat|break|drop|spend|use|lend|give away|throw away|forget|return
        |hand out""",
    "gone": """gone|lost|broken|sold|stolen|used up|eaten|missing|given away|taken|burnt
        |thrown away""",
    "who": """the gardener|my sister|my brother|a girl|the shop|my dad|mum|the teacher|a man
        |a boy|the baker|our class|the school|my uncle|grandma|a woman|the cook|my friend|she|he
        |somebody|the library|the driver|my aunt""",
    "shares": """shares|splits|divides|deals out|gives|hands out|distributes|spreads""",
    "among": """among|between|to|for|over|with""",
    "evenly": """evenly|equally|fairly|in equal parts|so that all have the same|the same for all""",
    "each": """each|in each|per piece|apiece|every time""",
}
# One and several: a story and its question speak of the same.
PAIRS = {
    "box": """box boxes|bag bags|basket baskets|jar jars|shelf shelves|row rows|pack packs
        |table tables|drawer drawers|crate crates|tray trays|pile piles|group groups|room rooms
        |cup cups|sack sacks|bucket buckets|tent tents|bunch bunches|case cases|carton cartons
        |line lines|team teams""",
    "kid": """child children|friend friends|kid kids|pupil pupils|person people|boy boys
        |girl girls|player players|cousin cousins|neighbour neighbours|family families
        |worker workers|guest guests|sister sisters|brother brothers|student students|man men
        |woman women|classmate classmates""",
    "day": """day days|week weeks|month months|year years|minute minutes|morning mornings
        |trip trips|evening evenings|lesson lessons|night nights|visit visits""",
}
SEVERAL = {"box": "boxes", "kid": "kids", "day": "days"}


def choices(words):
    return [each.strip() for each in words.split("|")]


SLOTS = {slot: choices(words) for slot, words in SLOTS.items()}
PAIRS = {slot: [pair.split() for pair in choices(words)] for slot, words in PAIRS.items()}

LEFT = """How many {t} are left?|How many are left?|How many {t} remain?|What is left?
    |How many remain?|How many {t} are left now?|How many are still there?
    |How many does that leave?|What remains?|How many {t} are still here?|How many now?
    |How much is left?|How many {t} does {s} have now?|how many does {s} still have
    |How many {t} has {s} left?|what is the rest|How many {t} are left over?|What is left over?
    |how many {t} does {s} still have|How many {t} still remain?|How many {t} does {s} keep?
    |What number of {t} is left?|How many {t} stay with {s}?"""
TOTAL = """How many {t} are there in all?|How many {t} is that together?|How many is that?
    |In all?|What is the total?|How many {t} are there now?|How many {t} is that in all?
    |All together?|What do they make together?|How many altogether?|how many {t} in total
    |What is the sum?|How many {t} are there altogether?|Total?|how many are there
    |How many {t} are that?|How many {t} are there combined?|How many combined?|In total?
    |What is the total number of {t}?|How many {t} does that make?|What is the number of {t}?
    |How many {t} is it altogether?"""
NOW = """How many {t} does {s} have now?|How many {t} has {s} in all?
    |How many does {s} have in all?|how many {t} now|How many {t} does {s} own now?
    |What does {s} have now?|So how many {t}?|How many {t} does {s} end up with?
    |How many {t} does {s} have altogether?|How many {t} does {s} have in total?"""
EACH = """How many {t} does each one get?|How many go to each?|How many is that each?|each gets?
    |How many {t} are there for each?|How many for each?|How many does one get?|how many for one
    |What is the share of each?|How many {t} for every one?|how many {t} does every {kid} get
    |How many apiece?|How many {t} apiece?|How many per head?|How many {t} per {kid}?
    |How many {t} will each {kid} have?|What does each {kid} get?"""

# (the expression, stories, questions): any story goes with any question beside it. {s} is whom it
# is about, and {n} and {m} are others.
PROBLEMS = (
    (
        "{a}+{b}",
        """{s} has {a} {t} and {gets} {b} more.|{s} had {a} {t} and {got} {b} more.
            |{s} had {a} {t}. {m} gave {b} more.|{s} {got} {a} {t} and then {b} {t}.
            |{s} has {a} {t}, then {gets} another {b}.|I have {a} {t} and {get} {b}.
            |{s} {gets} {a} {t} today and {b} tomorrow.|First {s} {got} {a} {t}, later {b}.""",
        f"{TOTAL}|{NOW}",
    ),
    (
        "{a}+{b}",
        """There are {a} {t} in a {box}. {n} puts {b} more into it.
            |{s} has {a} {t} and {m} has {b}.|{n} found {a} {t} and {m} found {b} {t}.
            |{a} {t} lie here and {b} there.|{n} counts {a} {t} in one {box} and {b} in another.
            |There are {a} {t} and {b} more {t}.|{s} {got} {a} {t} and {m} {got} {b}.
            |{a} red {t} and {b} blue {t} are in a {box}.|One {box} has {a} {t}, another has {b}.
            |{a} {kids} came, then {b} more came.""",
        TOTAL,
    ),
    (
        "{a}-{b}",
        """{s} has {a} {t} and {loses} {b}.|{s} had {a} {t} and {lost} {b} of them.
            |{s} had {a} {t} and {m} took {b}.|{s} made {a} {t} and {lost} {b}.
            |Of {a} {t}, {s} gave {b} to {m}.|I had {a} {t} and {lost} {b}.
            |{s} {loses} {b} of {a} {t}.|{s} {got} {a} {t}, but {lost} {b}.
            |I have {a} {t} and {lose} {b}.|{s} has {a} {t}. {b} of them are {gone}.
            |From {a} {t} {s} {loses} {b}.""",
        LEFT,
    ),
    (
        "{a}-{b}",
        """There were {a} {t} in a {box}. {n} took out {b}.|Of {a} {t} {b} are {gone}.
            |There are {a} {t}, but {b} are {gone}.|{a} {kids} were here and {b} went home.
            |A {box} had {a} {t} in it, {b} fell out.|{b} out of {a} {t} are {gone}.
            |{a} {t} were there, {b} {t} are {gone}.|Somebody took {b} of the {a} {t}.""",
        """How many {t} are left?|How many are left?|What is left?|How many remain?|How many now?
            |How many are still there?|What remains?|how many stay|how many are there now
            |what is the rest""",
    ),
    (
        "{a}*{b}",
        """There are {a} {boxes} with {b} {t} each.|{s} fills {a} {boxes} with {b} {t} in each.
            |{a} {kids} have {b} {t} each.|{s} {gets} {a} {boxes} of {b} {t}.
            |{s} has {a} {boxes} of {b} {t}.|On each of {a} {days} {s} {gets} {b} {t}.
            |{a} {boxes} have {b} {t} in them each.|Each of {a} {kids} {gets} {b} {t}.
            |In every one of {a} {boxes} are {b} {t}.
            |{s} {gets} {a} {t} every {day} for {b} {days}.|{a} times {s} {got} {b} {t}.
            |Every {kid} has {a} {t}, and there are {b} {kids}.
            |A {box} holds {a} {t}. There are {b} {boxes}.
            |One {box} has {a} {t}. {s} has {b} {boxes}.
            |{s} {gets} {a} {t} per {day}, {b} {days} long.|{a} {boxes}, {b} {t} {each}.
            |Each {box} has {a} {t} and {s} {gets} {b} of them.""",
        TOTAL,
    ),
    (
        "{a}*{b}",
        """One {t1} costs {a}. {s} {gets} {b} of them.|{s} {gets} {a} {t} for {b} each.
            |{s} pays {a} for each of {b} {t}.|{a} {t} cost {b} each.
            |One {t1} is {a}, and {s} wants {b}.|{s} earns {a} every {day} for {b} {days}.
            |{s} walks {a} km each {day} for {b} {days}.""",
        """What does that cost?|How much is that?|What is the price?|How much in all?|How much?
            |What is the total?|how much is it together|What does it come to?|How much are they?
            |How much money is that?|How much in total?|What does that make altogether?""",
    ),
    (
        "{a}/{b}",
        """{s} {shares} {a} {t} {evenly} {among} {b} {kids}.|{b} {kids} share {a} {t}.
            |{s} {shares} {a} {t} {among} {b} {kids}.|{a} {t} are for {b} {kids}, {evenly}.
            |{b} {kids} {got} {a} {t} together and share them.
            |{a} {t} go {evenly} to {b} {kids}.""",
        EACH,
    ),
    (
        "{a}/{b}",
        """{a} {t} are put {evenly} into {b} {boxes}.|{s} splits {a} {t} into {b} equal {boxes}.
            |{s} puts {a} {t} {evenly} into {b} {boxes}.|{b} {boxes} hold {a} {t}, all the same.
            |There are {a} {t} in {b} {boxes}, the same in each.|{a} {t} make {b} equal {boxes}.""",
        """How many {t} are in each?|How many in one {box}?|How many {t} does a {box} hold?
            |how many {t} in a {box}|How many are in one?|How many {t} per {box}?
            |How many is that each?""",
    ),
    (
        "{a}/{b}",
        """{s} has {a} {t} and puts {b} in each {box}.|{a} {t} are packed, {b} in a {box}.
            |{s} needs {a} {t}, and there are {b} in a {box}.
            |{b} {t} fit in a {box}, and {s} has {a}.|There are {a} {t}, {b} in every {box}.""",
        """How many {boxes} are there?|How many {boxes} is that?|How many {boxes} does {s} need?
            |how many {boxes}|How many {boxes} are needed?""",
    ),
    (
        "{a}+{b}-{c}",
        """{s} has {a} {t}, {gets} {b} more and {loses} {c}.
            |{s} {got} {a} {t} and {b}, then {lost} {c}.
            |{s} had {a} {t}. {m} gave {n} {b} and took {c}.
            |I had {a} {t}, {got} {b} and {lost} {c}.
            |There were {a} {t}. {s} added {b} and then {lost} {c}.
            |{s} had {a} {t}, {got} {b}, {lost} {c}.""",
        LEFT,
    ),
    (
        "{a}-{b}-{c}",
        """{s} has {a} {t}, {loses} {b} and then {c}.|{s} had {a} {t}, {lost} {b} and {lost} {c}.
            |Of {a} {t} {b} are {gone} and {c} are {gone}.
            |{s} had {a} {t}. {n} took {b} and {m} took {c}.""",
        LEFT,
    ),
    (
        "{a}-{b}+{c}",
        """{s} has {a} {t}, {loses} {b} and {gets} {c}.
            |{s} had {a} {t}, {lost} {b} and then {got} {c}.
            |There were {a} {t}, {b} are {gone}, then {s} {got} {c}.""",
        NOW,
    ),
    (
        "{a}+{b}+{c}",
        """{n} has {a} {t}, {m} has {b} and {s} has {c}.|{s} {got} {a} {t}, then {b}, then {c}.
            |{a} {t} here, {b} there and {c} in a {box}.
            |{s} has {a} {t}, {gets} {b} and {gets} {c} more.""",
        TOTAL,
    ),
    (
        "{a}*{b}+{c}",
        """{s} has {a} {boxes} with {b} {t} each and {gets} {c} more.
            |{a} {boxes} of {b} {t} and {c} more.
            |There are {a} {boxes} of {b} {t}. {s} adds {c} {t}.
            |{s} {got} {a} {boxes} of {b} {t} and {c} {t}.
            |{s} {gets} {a} {boxes} of {b} {t} and gets {c} as a gift.""",
        TOTAL,
    ),
    (
        "{a}*{b}-{c}",
        """{s} has {a} {boxes} with {b} {t} each and {loses} {c}.
            |{a} {boxes} of {b} {t}, {c} are {gone}.
            |There were {a} {boxes} of {b} {t}. {s} {lost} {c} {t}.
            |{s} {got} {a} {boxes} of {b} {t}, {lost} {c}.""",
        LEFT,
    ),
    (
        "({a}+{b})/{c}",
        """{s} {got} {a} {t} and {b} {t} and {shares} them {among} {c} {kids}.
            |{n} has {a} {t} and {m} has {b}. They go {evenly} to {c} {kids}.""",
        EACH,
    ),
    (
        "{a}+{b}",
        """{n} has {a} {t} and {m} has {b} more than {n}.|{n} {got} {a} {t}, {m} {got} {b} more.
            |{n} has {a} {t}. {m} has {b} {t} more than that.
            |{m} has {b} more {t} than the {a} of {n}.
            |{n} owns {a} {t} and {m} owns another {b} on top of that.""",
        """How many {t} does {m} have?|How many does {m} have?|how many has {m}
            |What is the number of {t} that {m} has?|So how many {t} has {m} got?""",
    ),
    (
        "{a}-{b}",
        """{n} has {a} {t} and {m} has {b}.|{n} {got} {a} {t} and {m} {got} {b}.
            |{n} has {a} {t}, {m} only {b}.|{n} counts {a} {t} and {m} counts {b} {t}.
            |{a} {t} belong to {n} and {b} to {m}.|{m} has {b} {t} and {n} has {a}.""",
        """How many more does {n} have?|How many more {t} does {n} have than {m}?
            |How many fewer {t} does {m} have?|What is the difference?|How many fewer has {m}?
            |By how many is {n} ahead of {m}?|how many more does {n} have than {m}""",
    ),
    (
        "{a}-{b}",
        """{n} has {a} {t} and {m} has {b} fewer.|{m} has {b} {t} less than {n}, who has {a}.
            |{n} {got} {a} {t}. {m} {got} {b} fewer.
            |{n} has {a} {t}, {m} has {b} less than that.""",
        """How many {t} does {m} have?|How many does {m} have?|how many has {m}
            |What is the number of {t} that {m} has?|So how many {t} has {m} got?""",
    ),
    (
        "{a}*{b}/{c}",
        """{s} {gets} {a} {boxes} of {b} {t} and {shares} them {among} {c} {kids}.
            |{a} {boxes} with {b} {t} each go {evenly} to {c} {kids}.
            |{s} has {a} {boxes} of {b} {t} for {c} {kids}.
            |{c} {kids} share {a} {boxes} of {b} {t}.""",
        EACH,
    ),
    (
        "{a}-{b}*{c}",
        """{s} has {a} {t} and gives {b} {kids} {c} each.
            |There were {a} {t}. {b} {kids} took {c} each.
            |{s} had {a} {t} and {lost} {b} {boxes} of {c}.
            |{s} has {a} {t} and {loses} {b} every {day} for {c} {days}.
            |Of {a} {t} {b} {boxes} of {c} are {gone}.""",
        LEFT,
    ),
    (
        "{a}+{b}*{c}",
        """{s} has {a} {t} and {gets} {b} {boxes} of {c}.
            |{s} had {a} {t} and {got} {b} {boxes} of {c} {t}.
            |{s} has {a} {t} and {gets} {b} more every {day} for {c} {days}.
            |{a} {t} lie here, and {b} {boxes} of {c} there.
            |There are {a} {t} and {b} {boxes} of {c}.""",
        TOTAL,
    ),
    (
        "({a}-{b})/{c}",
        """{s} had {a} {t}, {lost} {b} and {shares} the rest {among} {c} {kids}.
            |Of {a} {t} {b} are {gone}. The others go {evenly} to {c} {kids}.
            |{s} has {a} {t}, keeps {b} and gives what is left over to {c} {kids}.""",
        EACH,
    ),
)
PROBLEMS = tuple(
    (expression, choices(stories), choices(questions))
    for expression, stories, questions in PROBLEMS
)


def word_problem(dice):
    def tell():
        expression, stories, questions = dice.one_of(PROBLEMS)
        story = dice.one_of(stories)
        if "{s}" not in story or story.startswith("I "):  # nobody whom a question could name
            questions = [question for question in questions if "{s}" not in question]
        return expression, story, dice.one_of(questions)

    expression, story, question = dice.draw(tell, lambda told: ("problem", *told))
    n, m = dice.two_of(NAMES)
    who = dice.one_of(SLOTS["who"]) if dice.chance(0.4) else n
    if dice.chance(0.3):  # one sentence, as many people type
        story, question = story[:-1] + dice.one_of((",", ";", "")), small(question)
    thing = any_word(dice) if dice.chance(0.3) else dice.pick(THINGS)
    given = numbers_for(dice, expression)
    slots = {"s": who, "n": n, "m": m, "t": several(thing), "t1": thing, **given}
    text = filled(dice, f"{story} {question}", slots)
    return [(careless(dice, capital(text)), answer(expression.format(**given)))]


def filled(dice, text, slots):
    """The text with a word in every slot."""
    pairs = {slot: dice.one_of(pairs) for slot, pairs in PAIRS.items()}
    slots = {
        **slots,
        **{slot: one for slot, (one, _) in pairs.items()},
        **{SEVERAL[slot]: many for slot, (_, many) in pairs.items()},
    }

    def word(found):
        slot = found[1]
        return slots[slot] if slot in slots else dice.one_of(SLOTS[slot])

    return re.sub(r"\{(\w+)\}", word, text)
