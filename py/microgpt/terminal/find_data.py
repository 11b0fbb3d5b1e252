"""Finding the text a command works on."""

import os

from ..data import load
from ..data.builtin import EARLIER_NAMES, shipped
from ..errors import UserError


def find_corpus(args, progress, split=None):
    """The corpus the flags ask for: the names unless they say otherwise."""
    corpus = load(
        args.data or "names",
        split=args.split or split,
        offline=args.offline,
        on_progress=progress.download,
        say=progress.say,
        include=args.include or (),
    )
    progress.clear()
    return corpus


def corpus_of(checkpoint, args, progress):
    """The very corpus a checkpoint was trained on, wherever it is."""
    known = checkpoint.meta["data"]
    if args.data:
        return find_corpus(args, progress, known["split"])
    for find in _places(known, args.offline, progress):
        corpus = find()
        if corpus.digest == known["digest"]:
            progress.clear()
            return corpus
    raise UserError(
        f"The data of this run ({known['source']}, {known['documents']:,} documents) is not here,"
        " or not the same any more; name it with --data."
    )


def _places(known, offline, progress):
    """Functions that load what may be the data, the likeliest first."""
    name, split, path = known["name"], known["split"], known.get("path")
    if path:
        include = known.get("include", ())
        exists = os.path.exists(path)
        return [lambda: load(path, split=split, include=include)] if exists else []
    if name == "names":
        follow = progress.download
        return [
            lambda: shipped(name, split),
            lambda: shipped(name, split, EARLIER_NAMES),
            lambda: load(name, split=split, offline=offline, on_progress=follow),
        ]
    return [lambda: shipped(name, split)] if name == "stories" else []
