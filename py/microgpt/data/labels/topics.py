"""Made-up messages of five topics: who cooked, that it rained, what hurts.

A message is a phrase with names and things in it. It is made from a seed, its number and its part,
and from nothing else. Names are held out as in the conversations, phrases by a checksum of their
own: what a model makes of names it never saw says little, of phrases it never saw, more.
"""

from zlib import crc32

from ..chat.dice import Dice
from ..chat.words import FOODS, NAMES

ONE_IN = 4  # phrases that are held out
OPENINGS = ("", "", "", "", "Hi! ", "Listen: ", "By the way, ", "You know, ", "Well, ", "Oh, ")

# {n} and {m} are names, {x} is one of the topic's things.
TOPICS = {
    "food": (
        FOODS,
        """{n} cooked {x} for everybody|{n} is hungry and wants {x}|there was {x} for dinner
        |{m} asked {n} for the recipe of the {x}|{n} ate two plates of {x}|the {x} tasted too salty
        |{n} burnt the {x} in the oven|{n} and {m} shared a bowl of {x}|{n} put more salt on the {x}
        |the {x} on the stove smells good, says {n}|{n} cannot stand the taste of {x}
        |{n} set the table and served {x}|{m} baked {x} with butter and sugar
        |{n} had {x} for breakfast|{n} cut the {x} with a knife|who wants some {x}, asked {n}
        |{n} tried {x} with a spoonful of honey|a cook showed {m} how to fry {x}
        |{n} ordered {x} and a cup of tea|the plate of {x} was empty before {m} came
        |{n} packed {x} for lunch|{m} never eats {x} in the evening
        |{n} stirred the {x} with a wooden spoon|{n} spilled {x} on the kitchen floor""",
    ),
    "weather": (
        ("rain", "snow", "fog", "wind", "thunder", "hail", "frost", "sunshine", "clouds", "ice"),
        """{n} says there will be {x} tomorrow|the {x} has stopped, so {n} went out
        |it was cold and there was {x} all day|{n} forgot the umbrella in the {x}
        |the sky is grey and full of {x}, says {n}|{n} and {m} got wet in the {x}
        |after the {x} the streets were slippery|{m} hopes for less {x} this winter
        |the {x} came from the north in the night|{n} looked out of the window at the {x}
        |the forecast promises {x} for {n}|{n} has never seen so much {x} in May
        |in the morning there was {x} on the hills|{m} hid from the {x} under a tree
        |the storm brought {x}, {n} wrote|it is warmer now and the {x} is gone
        |{n} put on a coat because of the {x}|the {x} began when {n} and {m} left the house
        |{n} heard the {x} on the roof|{m} loves {x} more than summer heat
        |the weather was mild, with a little {x}|{n} waited until the {x} was over
        |the {x} made the day dark, said {m}|no {x} today, only a blue sky, says {n}""",
    ),
    "music": (
        ("piano", "violin", "drum", "flute", "guitar", "trumpet", "harp", "cello", "choir", "band"),
        """{n} learns to play the {x}|{n} and {m} sang a song with the {x}|the {x} was out of tune
        |{m} heard the {x} at the concert|{n} practises the {x} every day|the {x} played a waltz
        |{n} danced while {m} was at the {x}|{n} wrote a melody for the {x}
        |everybody clapped after the {x}, says {n}|{m} bought notes for the {x}
        |{n} listens to the {x} on the radio|the {x} was too loud for {n}
        |a slow tune on the {x} made {m} sad|{n} gave a lesson on the {x}
        |{m} missed the beat, but the {x} went on|the {x} stood on the stage beside {n}
        |{n} hummed along with the {x}|{n} has joined an orchestra with a {x}
        |the rhythm of the {x} pleased {m}|{n} broke a string and borrowed a {x}
        |they recorded {n} and the {x} in a studio|{m} sings higher than the {x}
        |the audience wanted one more song of the {x}|{n} carried the {x} to the music school""",
    ),
    "travel": (
        ("train", "bus", "plane", "ship", "ferry", "tram", "car", "bicycle", "coach", "taxi"),
        """{n} missed the {x} to the city|the {x} leaves at noon, {n} says|{n} went abroad by {x}
        |{m} bought a ticket for the {x}|the {x} was late and {n} had to wait
        |{n} and {m} took the {x} to the coast|{n} left a suitcase in the {x}
        |the journey by {x} took nine hours|{m} looks for a hotel near the {x}
        |{n} sat by the window of the {x}|the {x} stopped at the border
        |{n} showed the passport before the {x} went on|{m} arrived by {x} on Friday
        |the {x} was full of tourists, wrote {n}|{n} sent a card from the {x}
        |{n} plans a trip by {x} in the holidays|the driver of the {x} helped {m} with the bags
        |a map lay in the {x} for {n}|{n} fell asleep in the {x} and came too far
        |{m} changed from the {x} at the next station|the {x} crossed the bridge at night
        |{n} will meet {m} where the {x} ends|{m} packed early, for the {x} goes at six
        |{n} travelled round the island by {x}""",
    ),
    "health": (
        ("head", "tooth", "knee", "back", "throat", "ear", "foot", "stomach", "arm", "shoulder"),
        """{n} has a pain in the {x}|the doctor looked at the {x} of {n}|the {x} hurts since Monday
        |{n} took a pill for the {x}|{n} stayed in bed because of the {x}
        |the nurse put a bandage on the {x}|{m} broke something and cannot move the {x}
        |{n} has a fever and a sore {x}|the {x} of {n} is swollen|an ointment helped the {x} of {m}
        |{n} went to hospital with the {x}|{m} feels ill and holds the {x}
        |{n} must rest until the {x} is better|after the fall the {x} was bleeding
        |the dentist or the doctor, asks {n}, for this {x}?|{n} coughs, and the {x} aches
        |{m} got medicine for the {x} at the chemist's|the {x} needs an operation, {n} was told
        |{n} cannot sleep, so much does the {x} hurt|warm water is good for the {x}, says {m}
        |{n} is well again, only the {x} is weak|the wound on the {x} heals slowly
        |{m} caught a cold, and now the {x} hurts|{n} does exercises for a stiff {x}""",
    ),
}
NAMES_OF_TOPICS = tuple(TOPICS)


def _phrases(text):
    every = [" ".join(phrase.split()) for phrase in text.split("|")]
    sides = ([], [])
    for phrase in every:
        sides[crc32(phrase.encode()) % ONE_IN == 0].append(phrase)
    return sides


PHRASES = {topic: _phrases(text) for topic, (_, text) in TOPICS.items()}
PARTS = {  # (are the names held out?, are the phrases?)
    "train": (False, False),
    "unseen names": (True, False),
    "unseen phrases": (False, True),
}


def message(number, part="train", seed=0):
    """(text, topic): the topics come in turn."""
    new_names, new_phrases = PARTS[part]
    dice = Dice(f"{seed} topics {part} {number}", new_names)
    topic = NAMES_OF_TOPICS[number % len(NAMES_OF_TOPICS)]
    things, phrase = TOPICS[topic][0], dice.one_of(PHRASES[topic][new_phrases])
    n, m = dice.two_of(NAMES)
    x = dice.one_of(things) if isinstance(things, tuple) else dice.one_of(things.sides[0])
    text = phrase.format(n=n, m=m, x=x)
    opening = dice.one_of(OPENINGS)
    text = opening + (text if opening.endswith(", ") else text[:1].upper() + text[1:])
    return (text if text.endswith("?") else text + "."), topic


def messages(count, part="train", seed=0):
    """The first messages of a part, [(text, topic)], each text once."""
    found, number = {}, 0
    while len(found) < count:
        text, topic = message(number, part, seed)
        found.setdefault(text, topic)
        number += 1
    return list(found.items())
