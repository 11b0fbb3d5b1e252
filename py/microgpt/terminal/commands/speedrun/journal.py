"""What a speedrun was asked for, and how far it is: a file that a later start goes on from."""

import json
from pathlib import Path

from ....errors import UsageError, UserError
from ....files import write_whole

FILE = "speedrun.json"
FORMAT = 1


class Journal:
    """`asked` are the settings, `plan` what was decided by them, `stages` what each has done:
    {"estimate": seconds, "seconds": ..., "reached": {...}, "done": True}.
    """

    def __init__(self, folder, asked):
        self.path = Path(folder) / FILE
        self.asked, self.plan, self.stages = asked, None, {}

    @classmethod
    def open(cls, folder, asked):
        """The journal of a folder, or a new one; `asked` has None where nothing was said."""
        journal = cls(folder, asked)
        try:
            text = journal.path.read_text("utf-8")
        except FileNotFoundError:
            return journal
        except (OSError, ValueError) as error:
            raise UserError(f"{journal.path} cannot be read ({error}); remove it.") from None
        try:
            found = json.loads(text)
            known, journal.plan, journal.stages = found["asked"], found["plan"], found["stages"]
            sound = found["format"] == FORMAT and known.keys() == asked.keys()
        except (ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            raise UserError(
                f"{journal.path} is no journal of this version; choose another folder, or remove"
                " it to begin anew."
            )
        for name, value in asked.items():
            if value is not None and value != known[name]:
                raise UsageError(
                    f"The speedrun in {folder} was begun with another {name} ({known[name]});"
                    " leave it out to go on, or choose another folder."
                )
        journal.asked = known
        return journal

    def stage(self, name):
        return self.stages.setdefault(name, {"estimate": 0.0, "seconds": 0.0, "done": False})

    def save(self):
        content = {"format": FORMAT, "asked": self.asked, "plan": self.plan, "stages": self.stages}
        write_whole(self.path, json.dumps(content, indent=1).encode())
