"""Text of any length that is like English to a tokenizer: words by Zipf's law, in sentences.

A real text would have to be downloaded; a short one repeated would have too few distinct words.
"""

import numpy as np

ONSETS = "b bl br c ch cl cr d dr f fl fr g gr h j k l m n p pl pr qu r s sh sl st t th tr v w"
VOWELS = "a e i o u ai ea ee ie oo ou"
CODAS = "- - - n r s t l m nd st ck ng ll"
ENDINGS = "- - - - s ed ing ly er 's ness ment"
COMMON = (
    "the and a to was he she it of in said you her his they that had with on for but very not is"
    " little big one day then there so all up went saw his mom play happy wanted friend could out"
)
WORDS = 40_000


def pseudo_english(characters, seed=1):
    """About so many characters, the same for the same seed."""
    random = np.random.Generator(np.random.PCG64(seed))
    common = COMMON.split()
    lexicon = np.array(common + [_word(random) for _ in range(WORDS - len(common))], object)
    chances = 1 / (np.arange(WORDS) + 2.7)
    count = characters // 5
    words = lexicon[random.choice(WORDS, count, p=chances / chances.sum())]
    begins = np.flatnonzero(random.random(count) < 0.09)
    words[begins] = [word.capitalize() for word in words[begins]]
    # What a sentence ends with stands at the word before its first.
    ends = begins[begins > 0] - 1
    marks = np.array([".", ".", ".", "!", "?", ',"', ".\n", " 1984."], object)
    words[ends] = words[ends] + marks[random.integers(0, len(marks), len(ends))]
    commas = np.flatnonzero(random.random(count) < 0.04)
    words[commas] = words[commas] + np.array(",", object)
    return " ".join(words)[:characters]


def _word(random):
    def one_of(parts):
        parts = parts.split()
        return parts[random.integers(len(parts))].replace("-", "")

    syllables = [
        one_of(ONSETS) + one_of(VOWELS) + one_of(CODAS) for _ in range(random.integers(1, 4))
    ]
    return "".join(syllables) + one_of(ENDINGS)
