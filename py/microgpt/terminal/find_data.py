"""Finding the text a command works on."""

from pathlib import Path

from ..data import load
from ..errors import UserError


def find_corpus(args, progress):
    """The corpus the flags ask for: the names unless they say otherwise."""
    corpus = load(
        args.data or "names",
        split=args.split,
        offline=args.offline,
        on_progress=progress.download,
        say=progress.say,
        include=args.include or (),
    )
    progress.clear()
    return corpus


def corpus_of(checkpoint, args, progress):
    """The very corpus a checkpoint was trained on, wherever it is."""
    if args.data:
        return find_corpus(args, progress)
    known = checkpoint.meta["data"]
    for data, offline in _places(known, args.offline):
        include = known.get("include", ())
        corpus = load(data, split=known["split"], offline=offline, include=include)
        if corpus.digest == known["digest"]:
            return corpus
    raise UserError(
        f"The data of this run ({known['source']}, {known['documents']:,} documents) is not here;"
        " name it with --data."
    )


def _places(known, offline):
    if known["name"] == "names":
        return [("names", offline), ("built-in names", True)]
    if known["name"] == "stories":
        return [("stories", True)]
    path = known.get("path")
    return [(path, True)] if path and Path(path).exists() else []
