"""Facts about twelve animals of the built-in stories; in the stories the names are dealt anew."""

from .phrasing import INDIRECT_FRAMES, capital, careless, wording

# name, pronoun, animal, home, favourite food, best friend, toy, colour of the scarf
CAST = (
    ("Pip", "she", "a squirrel", "in an old oak", "hazelnuts", "Gus", "a red kite", "blue"),
    ("Gus", "he", "a fox", "under the hill", "plum cake", "Pip", "a tin drum", "green"),
    ("Dot", "she", "a mouse", "behind the barn", "cheese", "Moss", "a glass bead", "striped"),
    ("Moss", "he", "a mole", "under the garden", "carrot soup", "Dot", "a lamp", "brown"),
    ("Luna", "she", "an otter", "by the river", "fish pie", "Otto", "a wooden boat", "white"),
    ("Otto", "he", "a badger", "in the woods", "honey", "Luna", "a toy train", "black"),
    ("Fern", "she", "a rabbit", "in the tall grass", "clover", "Toby", "a blue ball", "pink"),
    ("Toby", "he", "a hedgehog", "under the hedge", "apples", "Fern", "a whistle", "red"),
    ("Wren", "she", "an owl", "in the church tower", "seeds", "Fig", "a silver bell", "grey"),
    ("Fig", "he", "a bear", "in a cave", "berries", "Wren", "a rag doll", "orange"),
    ("Pearl", "she", "a duck", "on the pond", "bread", "Nub", "a paper ship", "purple"),
    ("Nub", "he", "a frog", "among the reeds", "pancakes", "Pearl", "a wooden puppet", "spotted"),
)
NAMES = tuple(row[0] for row in CAST)
PRONOUNS = {
    "she": {"n": "she", "him": "her", "his": "her"},
    "he": {"n": "he", "him": "him", "his": "his"},
}

# By fact: its column, the answer, straight questions, and the question inside another. An animal
# is {n}, {him} or {his}, all of which may be its name.
FACTS = (
    (
        2,
        "{n} is {x}.",
        (
            *("Who is {n}?", "What is {n}?", "What animal is {n}?", "What kind of animal is {n}?"),
            *("Which animal is {n}?", "What sort of creature is {n}?", "So {n} is what animal?"),
            *("Tell me about {him}.", "Describe {him}.", "Do you know {him}?"),
        ),
        ("who {n} is", "what animal {n} is"),
    ),
    (
        3,
        "{n} lives {x}.",
        (
            *("Where does {n} live?", "Where is {his} home?", "Where can I find {him}?"),
            *("In which place does {n} live?", "Where is {n} at home?", "Where is {his} house?"),
            *("So where does {n} live?", "Where must I go to see {him}?", "Where does {n} sleep?"),
        ),
        ("where {n} lives", "where I can find {him}", "where {his} home is"),
    ),
    (
        4,
        "{n} likes {x} best.",
        (
            *("What does {n} like to eat?", "What does {n} eat?", "Which food does {n} like?"),
            *("What is {his} favourite food?", "What food does {n} love?", "So {n} eats what?"),
            *("What should I cook for {him}?", "What would {n} like for dinner?"),
            *(
                "What does {n} like best?",
                "What is {his} favorite food?",
                "Which meal is {his} best?",
            ),
        ),
        ("what {n} likes to eat", "what {n} eats", "what {his} favourite food is"),
    ),
    (
        5,
        "{his} best friend is {x}.",
        (
            *("Who is {his} best friend?", "Who is {his} friend?", "Who is a friend of {him}?"),
            *(
                "Who is {n} friends with?",
                "What is the name of {his} friend?",
                "And {his} friend is?",
            ),
            *("Which friend does {n} have?", "Who is the best friend of {him}?"),
            *("Does {n} have a friend?", "Whom does {n} like most?"),
        ),
        ("who {his} best friend is", "who {his} friend is", "who {n} is friends with"),
    ),
    (
        6,
        "{n} plays with {x}.",
        (
            *(
                "What does {n} play with?",
                "Which toy does {n} have?",
                "What is {his} favourite toy?",
            ),
            *("What toy does {n} own?", "What is {his} toy?", "Which toy is {his} favorite?"),
            *(
                "What does {n} like to play with?",
                "So {n} plays with what?",
                "What toy has {n} got?",
            ),
        ),
        ("what {n} plays with", "which toy {n} has", "what {his} toy is"),
    ),
    (
        7,
        "{his} scarf is {x}.",
        (
            *("What colour is {his} scarf?", "Which colour does {his} scarf have?"),
            *("What color is {his} scarf?", "What is the colour of {his} scarf?"),
            *(
                "What scarf does {n} wear?",
                "How does {his} scarf look?",
                "And {his} scarf is what colour?",
            ),
            *("Which color is the scarf of {him}?", "What colour scarf does {n} have?"),
        ),
        ("what colour {his} scarf is", "which colour {his} scarf has"),
    ),
)
# Facts the other way round: what is known is asked for by what is said of it.
BACKWARDS = {
    3: ("Who lives {x}?", "Which animal lives {x}?"),
    6: ("Who plays with {x}?", "Who has {x}?"),
}


def fact(dice):
    """One question, and some of the time more about the same animal, who is "she" by then."""
    row = dice.one_of(CAST)
    turns = [question(dice, row, row[0])]
    while len(turns) < 3 and dice.chance(0.35):
        turns.append(question(dice, row, row[1]))
    return turns


def question(dice, row, called):
    """(question, answer): the animal is called by its name or by a pronoun."""

    def make():
        column, answer, straight, inside = dice.one_of(FACTS)
        if dice.chance(0.3):
            frame = dice.one_of(INDIRECT_FRAMES)
            return column, answer, frame.replace("{}", dice.one_of(inside))
        if called == row[0] and column in BACKWARDS and dice.chance(0.25):
            return column, answer, dice.one_of(BACKWARDS[column])
        return column, answer, dice.one_of(straight)

    column, answer, asked = dice.draw(make, lambda made: ("fact", row[0], called, wording(made[2])))
    text = capital(asked.format(x=row[column], **words(called)))
    return careless(dice, text), answer.format(x=row[column], **words(row[0]))


def words(called):
    """What stands for an animal in a sentence."""
    if called in PRONOUNS:
        return PRONOUNS[called]
    return {"n": called, "him": called, "his": f"{called}'s"}


def unknown_animal(dice, name):
    """A question about somebody who is not of the cast."""
    _, _, straight, _ = dice.one_of(FACTS)
    return dice.one_of(straight).format(**words(name))
