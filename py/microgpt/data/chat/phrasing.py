"""Ways to ask: openings around the core of a question, and the carelessness of people who type."""

import re

# Around something that has a value: "12 + 30", "the sum of 12 and 30".
VALUE_FRAMES = (
    *("What is {}?", "What's {}?", "whats {}", "How much is {}?", "what is {}", "Calculate {}."),
    *("Work out {}.", "Compute {}.", "Tell me {}.", "Tell me what {} is.", "Can you work out {}?"),
    *("Could you tell me what {} is?", "I need {}.", "Find {}.", "Give me {}.", "Solve {}."),
    *("Please calculate {}.", "Do you know what {} is?", "{}", "{}?", "{} =", "{} = ?", "{}="),
    *("{} equals what?", "{} is what?", "What does {} equal?", "What do you get for {}?"),
    *("What do I get for {}?", "I want to know {}.", "I would like to know what {} is."),
    *("Evaluate {}.", "Can you calculate {}?", "What would {} be?", "What does {} make?"),
    *("How much would {} be?", "And what is {}?", "What about {}?", "Help me with {}."),
    *("{} makes what?", "{} makes how much?", "Do the sum {}.", "Show me {}.", "Say what {} is."),
    *("The answer to {}?", "What is the answer to {}?", "What is the result of {}?"),
    *("Let me know what {} is.", "How do I work out {}?", "I wonder what {} is."),
)

# Around something to do: "add 12 and 30".
DOING_FRAMES = (
    *("{}.", "{}", "Please {}.", "Can you {}?", "Could you {}?", "Now {}.", "I want you to {}."),
    *("What do I get if I {}?", "What happens if you {}?", "If I {}, what do I get?", "{}!"),
    *("Help me {}.", "Would you {}?", "What is it when you {}?", "Just {}.", "Try to {}."),
    *(
        "What do you get when you {}?",
        "If you {}, how much is that?",
        "I need to {}.",
        "Let us {}.",
    ),
    *("{} and tell me the result.", "{} for me.", "I would like you to {}.", "You should {}."),
)

# Around a question inside another: "who has the kite".
INDIRECT_FRAMES = (
    *("Tell me {}.", "Do you know {}?", "Can you tell me {}?", "I forgot {}.", "Say {}."),
    *("I want to know {}.", "Please tell me {}.", "Could you say {}?", "I wonder {}."),
)

OPENINGS = ("Hi, ", "Hey, ", "Hello, ", "Ok, ", "So, ", "Well, ", "Please, ", "Hm, ", "And ")
OPENINGS += ("Um, ", "Question: ", "My question: ", "Help me, ", "One more: ", "Next: ")
CLOSINGS = (" please", " thanks", ", please", " thank you", " now", " then", " pls", " thx")


def wording(text):
    """A way to ask without what carelessness changes; by this it is held out or not.

    >>> wording("What is {a} + {b}?"), wording("what is {a}+{b}")
    ('whatis{a}+{b}', 'whatis{a}+{b}')
    """
    return re.sub(r"[ ?.!,'=]", "", text.lower())


def capital(text):
    """The text with its first letter large, if it begins with one."""
    return text[:1].upper() + text[1:]


def small(text):
    return text[:1].lower() + text[1:]


def careless(dice, text, keep_case=False, typos=True):
    """What somebody types who means this text; what is in quotes or a number stays as it is.

    With `keep_case` no large letter becomes a small one: a name would be another word. Where the
    answer copies words of the question there must be no typos.
    """
    if dice.chance(0.55):
        return text
    if dice.chance(0.3):
        text = text.rstrip(" ?.!") if len(text) > 3 else text
    if dice.chance(0.15):
        opening = dice.one_of(OPENINGS)
        text = opening + (text if keep_case else small(text))
    if dice.chance(0.12):
        end = re.search(r"[?.!]*$", text).start()
        text = text[:end] + dice.one_of(CLOSINGS) + text[end:]
    if not keep_case and '"' not in text:
        text = text.lower() if dice.chance(0.3) else small(text) if dice.chance(0.3) else text
    if typos and dice.chance(0.12):
        text = with_typo(dice, text, keep_case)
    if typos and dice.chance(0.05) and '"' not in text:
        text = text.replace(" ", "  ", 1)
    return text


def with_typo(dice, text, keep_case=False):
    """One word with a letter missing, doubled or in the place of its neighbour."""
    pattern = r"\b[a-z]{4,}\b" if keep_case else r"\b[A-Za-z]{4,}\b"
    outside = re.sub(r'"[^"]*"', lambda quoted: "0" * len(quoted[0]), text)
    words = list(re.finditer(pattern, outside))
    if not words:
        return text
    word = dice.one_of(words)
    at = dice.between(word.start() + 1, word.end() - 2)
    middle = dice.one_of(("", text[at] * 2, text[at + 1] + text[at]))
    rest = text[at + 2 :] if len(middle) == 2 and middle[0] == text[at + 1] else text[at + 1 :]
    return text[:at] + middle + rest
