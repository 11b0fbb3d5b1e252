"""What the proofs work with: a small run, and ways to damage bytes."""

from functools import cache

from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.data import corpus_from_bytes
from microgpt.gpt.config import GPTConfig
from microgpt.training.config import TrainConfig
from microgpt.training.loop import train
from microgpt.training.run import Run

CORPUS = corpus_from_bytes(b"anna\nbert\ncarla\ndan\neve\nfrank\n" * 8, "people.txt")


def small_run(**changes):
    settings = {"steps": 6, "batch_size": 2, "eval_every": 2, **changes}
    return Run.start(CORPUS, GPTConfig(n_embd=8, n_head=2, block_size=8), TrainConfig(**settings))


@cache
def small_checkpoint_bytes():
    run = small_run()
    list(train(run))
    return to_bytes(run.checkpoint())


def small_checkpoint():
    return from_bytes(small_checkpoint_bytes())


def damaged(random, data):
    """Some bytes with one or a few mistakes: flipped bits, pieces lost, doubled, changed, added."""
    data = bytearray(data)
    for _ in range(random.choice([1, 1, 1, 2, 5])):
        a, b = sorted(random.choices(range(len(data) + 1), k=2))
        b = min(b, a + random.choice([1, 1, 2, 8, 1000, 10**9]))
        match random.randrange(7):
            case 0 | 1:
                if a < len(data):
                    data[a] ^= 1 << random.randrange(8)
            case 2:
                del data[a:b]
            case 3:
                data[a:a] = data[a:b]
            case 4:
                data[a:b] = random.randbytes(b - a)
            case 5:
                del data[a:]
            case 6:
                data[a:b] = random.choice(ODD)
        if not data:
            break
    return bytes(data)


ODD = [
    *(b"0", b"-1", b"1e999", b"NaN", b"Infinity", b"null", b"true", b"9" * 400, b"1.5", b'""'),
    *(b"{}", b"[]", b"[" * 2000, b'{"a":', b"\0", b"\xff", b"\n", b"\\", b'"', b",", b":", b"\xef"),
]


def refusal(error):
    """Check that a mistake is told in one sentence."""
    text = str(error)
    assert text.endswith((".", "?")) and "\n" not in text and len(text) < 1000, repr(text)
