"""The names, things and words that made-up conversations are about."""

from .dice import Pool

NAMES = Pool(
    """Mia Amina Lila Nora Yuki Rosa Ada Priya Ines Zuri Lucy Elsa Anya Tess Leila Hana Leo Kofi Tom
    Omar Finn Hugo Ravi Sam Max Ivan Tariq Noah Diego Emil Kenji Pablo Anna Ben Clara Dan Eva Fred
    Gina Hans Iris Jack Kate Liam Maya Nick Olga Paul Quinn Ruth Sara Theo Uma Vera Will Xena Yara
    Zack Alma Bruno Cora Dina Erik Faye Glen Hedy Igor Jude Kira Lars Mona Nils Opal Petra Rita
    Sven Tara Ugo Viola Wendy Yusuf Zoe Abel Bela Carl Dora Enzo Flora Grace Henry Ida Joel Karim
    Lena Milo Nadia Oscar Pia Rocco Selma Timo Ursa Vito Wanda Yves Zeno"""
)

THINGS = Pool(
    """apple ball bell book boat box bowl brush button cake candle card carrot chair clock coin cup
    drum egg feather flag flower hat jar kite key lamp leaf lemon map marble mug nut orange pear
    pebble pen pencil plate plum pot puzzle ribbon ring rope shell shoe sock spoon stamp stone
    ticket towel toy train truck whistle wheel brick basket blanket bottle cushion ladder"""
)

COLOURS = Pool("""red blue green yellow white black brown purple pink grey orange golden silver""")

PLACES = Pool(
    """kitchen garden park shop school barn forest library market river beach station attic cellar
    castle meadow harbour museum bakery village theatre hospital stable tower hall playground
    workshop church office tent"""
)

FOODS = Pool(
    """soup bread rice honey cheese kiwis noodles beans pancakes toast jam porridge grapes cherries
    pumpkin berries dumplings salad potatoes carrots peas melons figs dates waffles yoghurt celery
    garlic onions radishes tofu pasta biscuits omelettes"""
)

WORDS = Pool(
    """above again air answer apple arrow autumn baby bag banana bank barn basket bee
    before bell berry better bicycle big bird blanket boat bottle bread breakfast bridge bright
    brother brush bubble bucket butter butterfly button cabin candle carpet castle cat caterpillar
    cherry chicken child circle city clever cloud coat coffee cold colour cookie corner cottage
    country cousin cow cradle crayon cricket cuddle curtain daisy dance dark daughter desert dinner
    doctor dog dolphin donkey door dragon dream drum duck eagle early earth elbow elephant engine
    evening family farmer father feather finger fire fish flower forest friend frog garden gentle
    giant giraffe glass goose grandmother grass green guitar hammer happy harvest hat hedgehog
    helicopter hill history holiday honey horse house hundred island jacket jelly journey jungle
    kettle kitchen kitten ladder lake lamp leaf lemon letter library light lion lizard luck
    machine magic mango market middle milk minute mirror mitten monday money monkey moon
    mother mountain mouse music needle nest night noise number onion orange orchard
    otter oven paddle parrot pebble pencil penguin pepper picnic picture pillow planet plate
    pocket pond potato puddle pumpkin puppet puppy queen question quiet rabbit railway rain rainbow
    raspberry river road robin rocket roof rope sailor salad school sea secret seven shadow sheep
    shell shoe shoulder silver singing sister sleep slipper smile snail snow soap spider spoon
    spring squirrel stairs star station stone storm story strawberry street stripe sugar summer
    sun supper teapot thunder ticket tiger toast tomato tower town train tree trumpet tunnel
    turtle umbrella uncle valley vegetable village violin wagon wall water whale whisper
    whistle willow window winter wizard wolf wonder wooden yesterday zebra"""
)

ALL_WORDS = sorted(
    {
        word.lower()
        for pool in (NAMES, THINGS, COLOURS, PLACES, FOODS, WORDS)
        for side in pool.sides
        for word in side
    }
)

CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"


def made_up_word(dice):
    """A word that nobody knows: it can only be copied, letter by letter."""

    def make():
        word = "".join(
            dice.one_of(CONSONANTS) + dice.one_of(VOWELS) for _ in range(dice.between(2, 3))
        )
        return word + dice.one_of(CONSONANTS) if dice.chance(0.5) else word

    return dice.draw(make, lambda word: ("word", word))


def blend(dice):
    """The beginning of one word and the end of another.

    They are of both sides, as the mixture is a word of its own: so every token that words are made
    of is met in training.
    """

    def make():
        first, second = dice.one_of(ALL_WORDS), dice.one_of(ALL_WORDS)
        return first[: dice.between(2, len(first))] + second[-dice.between(1, 5) :]

    return dice.draw(make, lambda word: ("word", word))


def a(noun):
    """A noun with its article."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def several(noun):
    """A noun in the plural."""
    if noun.endswith("f"):
        return f"{noun[:-1]}ves"
    return f"{noun}es" if noun.endswith(("x", "sh", "ch", "s")) else f"{noun}s"
