"""Making a text fit for a model: letters it does not know."""

from ..errors import UserError

SHOWN = 60  # characters of an alphabet


def fit_prompt(tokenizer, prompt):
    """(the prompt as the model can read it, a sentence about what was changed, or "").

    A capital letter that the model does not know becomes a small one, if it knows that. Other
    unknown characters are refused. A tokenizer of bytes knows them all.
    """
    alphabet = getattr(tokenizer, "chars", None)
    if alphabet is None:
        return prompt, ""
    known = set(alphabet)
    fitted = "".join(_known(character, known) for character in prompt)
    missing = [c for c in dict.fromkeys(fitted) if c not in known]
    if missing:
        letters = alphabet[:SHOWN].strip() + ("…" if len(alphabet) > SHOWN else "")
        them = "it" if len(missing) == 1 else "them"
        raise UserError(
            f"This model has never seen {_listed(missing)}, so it cannot read {them}: leave {them}"
            f" out, or train on a text that has {them}. It knows {letters}."
        )
    if fitted == prompt:
        return prompt, ""
    return fitted, f"This model knows small letters only, so it reads “{fitted}”."


def _known(character, known):
    lower = character.lower()
    return lower if character not in known and set(lower) <= known else character


def _named(character):
    known = {" ": "a space", "\n": "a line end", "\t": "a tab"}.get(character)
    return known or (f"“{character}”" if character.isprintable() else f"U+{ord(character):04X}")


def _listed(characters):
    shown = [_named(c) for c in characters[:6]]
    if len(characters) > 6:
        return f"{', '.join(shown)} and {len(characters) - 6} more characters"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
