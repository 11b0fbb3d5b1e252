"""Questions that a model of this size cannot answer. It shall say so."""

from .cast import NAMES as KNOWN
from .cast import unknown_animal
from .dice import Pool
from .phrasing import capital, careless, wording
from .words import NAMES, made_up_word

UNKNOWN = "I do not know that."

PLACES = Pool(
    """France Japan Brazil Egypt Canada India Kenya Peru Norway China Spain Italy Greece Turkey
    Mexico Chile Sweden Poland Cuba Ghana Nepal Iran Austria Russia Germany England London Paris
    Rome Berlin Tokyo Cairo Lima Madrid Vienna Moscow Delhi Sydney Boston Texas Africa Europe Asia
    America Ireland Finland Vietnam Korea"""
)
SUBJECTS = Pool(
    """weather|news|football|history|physics|chemistry|politics|music|fashion|medicine|law|cars
    |computers|space|dinosaurs|electricity|gravity|philosophy|art|money|taxes|bitcoin|religion|war
    |cooking|tennis|chess|biology|planets|volcanoes|painting|poetry|geography|energy|oil|robots
    |films|the stock market|the moon|the sun|the ocean"""
)
PEOPLE = Pool(
    """Einstein Newton Mozart Shakespeare Darwin Napoleon Cleopatra Picasso Galileo Plato Gandhi
    Caesar Beethoven Columbus Aristotle Edison Tesla Curie Bach Kant Homer Dante Goethe Chopin
    Turing Lovelace Lincoln Washington Churchill Rembrandt"""
)
OF_PLACES = (
    *("What is the capital of {}?", "Who rules {}?", "How many people live in {}?"),
    *("Where is {}?", "How big is {}?", "What is the weather in {}?", "How far is {}?"),
    *("Who is the president of {}?", "What do people eat in {}?", "Tell me about {}."),
    *("What language do they speak in {}?", "How old is {}?", "When was {} founded?"),
    *("What is the highest mountain of {}?", "How do I get to {}?", "Have you been to {}?"),
)
OF_SUBJECTS = (
    *("What do you think about {}?", "Explain {}.", "Tell me about {}.", "What is new in {}?"),
    *("How does {} work?", "Why is there {}?", "Can you explain {} to me?", "Do you like {}?"),
    *("Who invented {}?", "What is {}?", "Give me a fact about {}.", "Where can I learn {}?"),
    *("Which school teaches {}?", "What should I know about {}?"),
)
OF_PEOPLE = (
    *("Who was {}?", "When was {} born?", "What did {} do?", "When did {} die?", "Who is {}?"),
    *("Tell me about {}.", "What is {} known for?", "Where was {} born?", "Did you meet {}?"),
)
ALONE = Pool(
    """Why is the sky blue?|What time is it?|What day is today?|Will it rain tomorrow?
    |Who won the world cup?|What is the meaning of life?|How do planes fly?|What is love?
    |Why do cats purr?|How tall is the highest mountain?|What is the speed of light?
    |Who wrote the bible?|What is in the news?|How do I cook rice?|What shall I wear?
    |Which car should I buy?|How do I learn to swim?|What is your favourite film?
    |Who is the king?|How deep is the sea?|Why is water wet?|Is there life on Mars?
    |What is a black hole?|How do I lose weight?|Where are my keys?|What is my name?
    |How old am I?|Where do I live?|What am I thinking?|Can pigs fly?|Who let the dogs out?
    |What is the square root of 49?|What is 2 to the power of 8?|How much is a dollar?
    |What is the best phone?|Write code for me|Translate this|What did I eat today?
    |How many stars are there?|When does the train leave?|How warm is it?|Is God real?
    |What comes after death?|Which team is best?|Who will win?|What is the sine of 30?
    |Solve the equation x + 3 = 5|Get me a flight|Turn on the light|Play some music
    |Call my mother|Order a pizza|Set an alarm|What is the password?|Draw a cat
    |How do magnets work?|What should I do today?|What is the price of gold?"""
)


def unknown(dice):
    kind = dice.random()
    if kind < 0.25:
        text = asked(dice, OF_PLACES, PLACES)
    elif kind < 0.45:
        text = asked(dice, OF_SUBJECTS, SUBJECTS)
    elif kind < 0.6:
        text = asked(dice, OF_PEOPLE, PEOPLE)
    elif kind < 0.8:
        text = dice.pick(ALONE)
    else:  # somebody who is not of the cast
        stranger = capital(made_up_word(dice)) if dice.chance(0.5) else dice.pick(NAMES)
        if stranger in KNOWN:
            return unknown(dice)
        text = unknown_animal(dice, stranger)
    return [(careless(dice, text, keep_case=True), UNKNOWN)]


def asked(dice, patterns, pool):
    pattern, what = dice.draw(
        lambda: (dice.one_of(patterns), dice.pick(pool)),
        lambda both: ("foreign", wording(both[0]), both[1]),
    )
    return pattern.format(what)
