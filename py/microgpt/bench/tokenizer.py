"""How fast the tokenizer is: against recounting, and against tiktoken and Hugging Face's."""

import json
import os
import sys
import time
from itertools import islice

from ..tokenizer.bpe import BPETokenizer
from ..tokenizer.patterns import Splitter
from ..tokenizer.train import count_pairs, count_words, learn_merges, merge_pair
from .pseudo_english import pseudo_english

PATTERN = "gpt2"
MERGES = 1000
SIZE = 10_000_000
PART = 300_000  # characters that are recounted; the rest is reckoned
RECOUNTED = 3  # merges for which they are


def bench_tokenizer(args):
    # Read when Hugging Face's library is loaded: one thread, as for all others.
    os.environ.update(RAYON_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")

    def say(text):
        print(text, file=sys.stderr, flush=True)

    results = measure(1 if args.quick else 3, say, SIZE // 10 if args.quick else SIZE)
    if args.json:
        print(json.dumps(results, indent=2))
    else:
        print_results(results)
    return 0


def measure(rounds, say, size=SIZE):
    say(f"pseudo-English, {size / 1e6:g} million characters")
    text = pseudo_english(size)
    lines = text.split("\n")
    say(f"{MERGES} merges")
    contenders = {"microgpt": lambda: train(lines), "tokenizers": _their_training(lines)}
    times = _take_turns(contenders, rounds)
    words, merges = train(lines)
    tokenizer = BPETokenizer.from_merges([(m.left, m.right) for m in merges], PATTERN)
    say(f"recounting {PART:,} characters")
    training = _against("microgpt", times) | {
        "distinct_words": len(words),
        "recounting": recounting_seconds(text, tokenizer, say),
    }
    training["faster_than"]["recounting"] = training["recounting"] / training["seconds"]["microgpt"]
    say("encoding")
    theirs = _tiktoken(tokenizer)
    contenders = {"microgpt": lambda: tokenizer.encode_array(text)}
    if theirs:
        contenders["tiktoken"] = lambda: theirs.encode_ordinary(text)
    encoding = _against("microgpt", _take_turns(contenders, rounds))
    fresh = BPETokenizer.from_merges(tokenizer.merges, PATTERN)
    began = time.perf_counter()
    encoding["tokens"] = len(fresh.encode_array(text))
    encoding["first_time_seconds"] = time.perf_counter() - began
    say("one long run of a letter")
    return {
        "characters": size,
        "merges": len(merges),
        "training": training,
        "encoding": encoding,
        "run": long_runs(rounds),
    }


def train(texts):
    words = count_words(texts, Splitter(PATTERN))
    return words, list(islice(learn_merges(words), MERGES))


def recounting_seconds(text, tokenizer, say):
    """What minbpe's way would take for all merges.

    Its time goes into reading every token twice for each merge: to count, and to replace. So the
    seconds a token are measured for a few merges on a part, and multiplied by the tokens there
    are to read: before each merge, all that the merges before it have left of the whole text.
    """
    pieces = [list(piece.encode()) for piece in Splitter(PATTERN).split(text[:PART])]
    read, began = 0, time.perf_counter()
    for number in range(RECOUNTED):
        counts = {}
        for piece in pieces:
            count_pairs(piece, counts)
        pair = min(counts, key=lambda pair: (-counts[pair], pair))
        read += sum(map(len, pieces))
        pieces = [merge_pair(piece, pair, 256 + number) for piece in pieces]
    each = (time.perf_counter() - began) / read
    # Most merges are small: between 256 and all, the length falls ever more slowly. Reckoned with
    # the shortest it gets to, the whole can only be underestimated.
    shortest = len(tokenizer.encode_array(text))
    say(f"{each * 1e9:.0f} ns a token and merge; {shortest:,} tokens at the end")
    return each * shortest * len(tokenizer.merges)


def long_runs(rounds):
    """Seconds to encode a run of `a`, ten times as long each time; learned from such a run."""
    merges = learn_merges({b"a" * 5000: 1})
    pairs = [(merge.left, merge.right) for merge in merges]
    tokenizer = BPETokenizer.from_merges(pairs, PATTERN)
    theirs = _tiktoken(tokenizer)
    sizes = (10_000, 100_000, 1_000_000)
    seconds = {}
    for size in sizes:
        text = "a" * size
        contenders = {"microgpt": lambda text=text: tokenizer.encode(text)}
        if theirs:
            contenders["tiktoken"] = lambda text=text: theirs.encode(text)
        seconds[size] = _take_turns(contenders, rounds)
    return {"seconds": seconds, "ten_times_as_long_takes": _growth(seconds, sizes)}


def _growth(seconds, sizes):
    return {name: seconds[sizes[-1]][name] / seconds[sizes[-2]][name] for name in seconds[sizes[0]]}


def _their_training(lines):
    try:
        from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    except ImportError:
        return None

    def work():
        theirs = Tokenizer(models.BPE())
        theirs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(
            vocab_size=256 + MERGES,
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
        theirs.train_from_iterator(lines, trainer)

    return work


def _tiktoken(tokenizer):
    try:
        import tiktoken
    except ImportError:
        return None
    return tiktoken.Encoding(
        "microgpt",
        pat_str=tokenizer.splitter.source,
        mergeable_ranks=tokenizer.ids,
        special_tokens=tokenizer.specials,
    )


def _take_turns(contenders, rounds):
    """{name: the best of its times}: on a machine shared with others the rest is their noise."""
    best = {}
    for _ in range(rounds):
        for name, work in contenders.items():
            if work:
                began = time.perf_counter()
                work()
                seconds = time.perf_counter() - began
                best[name] = min(seconds, best.get(name, seconds))
    return best


def _against(ours, times):
    others = {name: seconds / times[ours] for name, seconds in times.items() if name != ours}
    return {"seconds": times, "faster_than": others}


def print_results(results):
    training, encoding = results["training"], results["encoding"]
    print(f"{results['characters'] / 1e6:g} million characters of pseudo-English, one thread\n")
    print(f"learning {results['merges']:,} merges ({training['distinct_words']:,} distinct words)")
    _print_times(training)
    print(
        f"  {'recounting':<12}{training['recounting']:>10,.0f} s"
        f"   reckoned; microgpt is {training['faster_than']['recounting']:,.0f}x as fast"
    )
    print(f"\nencoding it, {encoding['tokens']:,} tokens")
    _print_times(encoding)
    print(f"  {'first time':<12}{encoding['first_time_seconds']:>10.2f} s")
    print("\none run of the letter a")
    for size, times in results["run"]["seconds"].items():
        print(f"  {size:>9,}" + "".join(f"   {n} {s:.3f} s" for n, s in times.items()))
    for name, growth in results["run"]["ten_times_as_long_takes"].items():
        print(f"  ten times as long takes {name} {growth:.1f} times as long")


def _print_times(part):
    for name, seconds in part["seconds"].items():
        ratio = part["faster_than"].get(name)
        words = f"   microgpt is {ratio:.2f}x as fast" if ratio else ""
        print(f"  {name:<12}{seconds:>10.2f} s{words}")
