"""Writes stories.txt: small stories for children, one a line, from the plots in plots.txt.

    python3 fallback_data/make_stories.py           # writes stories.txt beside this file
    python3 fallback_data/make_stories.py --check   # exit code 1 if the file is not what we write

plots.txt says how a plot is written. What is here: the people, the things, and the telling.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from random import Random

SEED = 1
PER_PLOT = 38
HERE = Path(__file__).resolve().parent

# A and B are never both "he" or both "she": then a pronoun can only mean one of them.
CAST = {
    "child": {
        "she": "Mia Amina Lila Nora Yuki Rosa Ada Priya Ines Zuri Lucy Elsa Anya Tess Leila Hana",
        "he": "Leo Kofi Tom Omar Finn Hugo Ravi Sam Max Ivan Tariq Noah Diego Emil Kenji Pablo",
    },
    "animal": {
        "she": "Pip Dot Luna Fern Tilly Poppy Wren Bibi Clover Pearl",
        "he": "Gus Moss Toby Nub Rusty Fig Bramble Otto Pepper Jasper",
    },
    "elder": {"she": "Grandma,Mama,Aunt Rita,Aunt Mei", "he": "Grandpa,Papa,Uncle Ned,Uncle Ali"},
    "neighbour": {
        "she": "Mrs Lane,Mrs Bloom,Miss Park,Mrs Okoye",
        "he": "Mr Bell,Mr Stone,Mr Rossi,Mr Hill",
    },
}
KINDS = ["fox", "mouse", "rabbit", "hedgehog", "squirrel", "mole", "otter", "badger"]
PRONOUNS = {
    "she": {"he": "she", "him": "her", "his": "her", "himself": "herself", "boy": "girl"},
    "he": {"he": "he", "him": "him", "his": "his", "himself": "himself", "boy": "boy"},
}

TABLES = {  # rows end in ";", columns in ","
    "toy": """red kite; blue ball; wooden boat; toy bear; yellow truck; rag doll; tin drum;
        green train; silver whistle; striped puppet; toy horse; old orange bus""",
    # The name; where; what it is like there; where a small thing may lie.
    "place": """
        park, at the park, The grass was soft and cool, under a bench;
        beach, on the beach, The sea went hush and hush again, behind a rock;
        market, at the market, The air smelled of bread and oranges, under a table;
        woods, in the woods, Leaves whispered high above, beside a fallen tree;
        farm, on the farm, Hens ran here and there, behind the barn;
        river, by the river, The water sang over the stones, under the bridge;
        meadow, in the meadow, Bees hummed in the flowers, in the tall grass;
        pond, by the pond, Small waves touched the bank, among the reeds""",
    "cake": """plum cake; apple pie; nut cake; berry pie; pear cake; ginger cake; cherry pie""",
    "soup": "bean soup; tomato soup; onion soup; pumpkin soup; noodle soup; carrot soup",
    "colour": "red; blue; yellow; green; purple; orange; white",
    "small": "smooth grey stone; blue feather; white shell; round nut; shiny button; glass bead",
    "when": """one morning; one afternoon; on Monday; on Sunday; after breakfast; one spring day;
        one day; early one day; last week; on a sunny day; before lunch; one Friday""",
    "softly": "softly; in a small voice; quietly; after a while; at last; slowly",
}


class Dice:
    """Choices from a seed, the same in every Python: only random() is promised not to change."""

    def __init__(self, seed):
        self.random = Random(seed).random
        self.used = Counter()

    def one_of(self, options):
        return options[int(self.random() * len(options))]

    def least_used(self, options):
        """One of the options, mostly one that has been used less, so that none wears out."""
        first, second = self.one_of(options), self.one_of(options)
        chosen = min(first, second, key=lambda option: self.used[option])
        self.used[chosen] += 1
        return chosen


def read_plots(text):
    """(title, roles of A and B, moments) of every plot; a moment is the ways to tell it."""
    plots = []
    for block in text.split("========")[1].strip().split("\n\n"):
        title, *lines = block.splitlines()
        moments = []
        for line in lines:
            mark, words = line[:2], line[2:].strip()
            if mark == "- ":
                moments.append([words])
            elif mark == "| ":
                moments[-1].append(words)
            else:
                moments[-1][-1] += " " + words
        *words, a, b = title.split()
        plots.append((" ".join(words), (a, b), moments))
    return plots


def read_rows(table):
    """The rows of a table; a row is the list of its columns."""
    return [[cell.strip() for cell in " ".join(row.split()).split(",")] for row in table.split(";")]


ROWS = {name: read_rows(table) for name, table in TABLES.items()}


def split_choice(text):
    """The options of a choice: split at the bars that stand in no inner choice."""
    options, depth = [""], 0
    for char in text:
        depth += (char == "[") - (char == "]")
        if char == "|" and depth == 0:
            options.append("")
        else:
            options[-1] += char
    return options


def closing(text):
    """Where the bracket is that closes the one at the start of the text."""
    depth = 0
    for i, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if depth == 0:
            return i
    raise ValueError(f"a bracket is not closed: {text}")


class Story:
    """One telling of a plot: who is in it, and all that was chosen so far."""

    def __init__(self, dice, cast):
        self.dice = dice
        self.sides = {}  # the remembered choices
        self.rows = {}  # the row of each table
        self.who = {}
        sexes = dice.one_of([("she", "he"), ("he", "she")])
        kinds = list(KINDS)
        for letter, role, sex in zip("AB", cast, sexes, strict=True):
            names = CAST[role][sex]
            name = dice.least_used(names.split("," if "," in names else None))
            kind = dice.least_used(kinds)
            kinds.remove(kind)
            self.who[letter] = {"": name, "kind": kind, **PRONOUNS[sex]}

    def tell(self, moments):
        told = " ".join(self.choose(self.dice.least_used(moment)) for moment in moments)
        told = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", told)
        return self.without_echo(told)

    def without_echo(self, told):
        """The story with "Tom sat down. Tom cried." made "Tom sat down. He cried."."""
        sentences = re.split(r"(?<=[.!?]) ", told)
        for who in self.who.values():
            name = who[""]
            for i in range(1, len(sentences)):
                named = re.search(rf"\b{name}\b(?!')", sentences[i - 1])
                if named and sentences[i].startswith(f"{name} "):
                    sentences[i] = who["he"].capitalize() + sentences[i].removeprefix(name)
        return " ".join(sentences)

    def choose(self, text):
        """The text with its choices made and its slots filled, from left to right."""
        done = ""
        while match := re.search(r"[\[{]", text):
            done, text = done + text[: match.start()], text[match.start() :]
            if text[0] == "{":
                slot, text = text[1:].split("}", 1)
                done += self.fill(slot)
                continue
            end = closing(text)
            choice, text = text[1:end], text[end + 1 :]
            done += self.choose(self.side(choice))
        return done + text

    def side(self, choice):
        key, colon, rest = choice.partition(":")
        if not (colon and len(key) == 1):
            return self.dice.least_used(split_choice(choice))
        options = split_choice(rest)
        if key not in self.sides:
            self.sides[key] = options.index(self.dice.least_used(options))
        return options[self.sides[key]]

    def fill(self, slot):
        name, _, part = slot.partition(".")
        if name in self.who:
            words = self.who[name]
            return words[part] if part in words else words[part.lower()].capitalize()
        if name.lower() in self.who["A"]:
            word = self.who["A"][name.lower()]
        else:
            table = name.lower()
            if table not in self.rows:
                self.rows[table] = self.dice.one_of(ROWS[table])
            row = self.rows[table]
            word = row[0].split()[-1] if part == "-" else row[int(part or 0)]
        return word if name.islower() else word[0].upper() + word[1:]


def sentences(told, who):
    """The sentences of a story without who is in it: what two tellings may have in common."""
    plain = re.sub("|".join(person[""] for person in who.values()), "X", told)
    plain = re.sub(r"\b(s?he|him|her|his|himself|herself|boy|girl)\b", "x", plain, flags=re.I)
    return set(re.split(r"(?<=[.!?]) ", plain))


def too_like(story, others):
    """Whether most sentences of the story stand in another one."""
    return any(len(story & other) > 0.7 * len(story) for other in others)


def make_stories():
    """All of stories.txt as one string."""
    dice = Dice(SEED)
    stories = []
    for title, cast, moments in read_plots((HERE / "plots.txt").read_text("utf-8")):
        seen = []
        for _ in range(50 * PER_PLOT):
            story = Story(dice, cast)
            told = story.tell(moments)
            bare = sentences(told, story.who)
            if not too_like(bare, seen):
                seen.append(bare)
                stories.append((dice.random(), told))
            if len(seen) == PER_PLOT:
                break
        else:
            raise SystemExit(f"plots.txt: {title} has too few ways to be told")
    # Mixed, so that a run on the first half of the file has seen every plot.
    return "".join(f"{told}\n" for _, told in sorted(stories))


def main():
    path, text = HERE / "stories.txt", make_stories()
    if "--check" in sys.argv[1:]:
        same = path.is_file() and path.read_bytes() == text.encode("ascii")
        print("stories.txt is", "as it should be" if same else "not what make_stories.py writes")
        return 0 if same else 1
    path.write_bytes(text.encode("ascii"))
    print(f"{text.count(chr(10))} stories, {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
