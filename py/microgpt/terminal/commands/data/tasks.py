"""`data tasks`: the tasks with right answers, and how well each is learned."""

import json

from ....data.tasks import TASKS, task_corpus
from ....evaluation.score import Score

# What `train` reached, and on how many CPU seconds: measured with these very settings.
LEARNED = """\
A model of 100,000 numbers learns each of them in about a minute:

  train --data task:{name} --preset nanochat --n-embd 64 --batch-size 64 --steps {steps}

{rows}

All are held-out questions, answered right to the last character, with --seed 42; task:add with
seeds 1 and 2: 99.1 and 98.0 %."""
REACHED = (  # task, steps, right of all, CPU seconds
    ("add", 3000, 934, 941, 54),
    ("add:3", 4000, 977, 1000, 95),
    ("sort", 1500, 999, 1000, 33),
    ("sort:10", 2000, 1000, 1000, 57),
    ("reverse", 1500, 994, 1000, 37),
    ("reverse:10", 2000, 1000, 1000, 52),
    ("count", 1500, 1000, 1000, 47),
    ("count:12", 2000, 999, 1000, 61),
)


def add(parser):
    parser.add_argument("--json", action="store_true", help="as one JSON object on stdout")


def run(args):
    if args.json:
        shown = ("size", "least", "most", "unit", "about")
        print(json.dumps({n: {key: getattr(t, key) for key in shown} for n, t in TASKS.items()}))
        return
    for name, task in TASKS.items():
        prompt, answer = task_corpus(f"task:{name}").questions[0]
        sizes = f"task:{name}:{task.least} to :{task.most} {task.unit}, {task.size} without"
        print(f"task:{name:8} {task.about}\n{'':13} {prompt}{answer}   ({sizes})")
    rows = [
        f"  task:{name:11} --steps {steps}   {Score(right, tries).text}, {seconds} CPU seconds"
        for name, steps, right, tries, seconds in REACHED
    ]
    print("\n" + LEARNED.format(name="NAME", steps="N", rows="\n".join(rows)))
