"""Damaged files of other programs: refused in a sentence, or read as some model; never run."""

import contextlib
import sys
import tempfile
import tracemalloc
from pathlib import Path
from random import Random

import numpy as np
from microgpt import convert
from microgpt.errors import UserError
from microgpt.quantization import quantized

from proof.made import damaged, refusal

COUNT = 1000  # of each file of each format
LEAST = 1 << 20  # bytes that reading may take however short the file is


def prove(count, seed):
    refused = read = 0
    with tempfile.TemporaryDirectory() as folder, watched() as ran:
        files = list(written(Path(folder)))
        for number, (name, path) in enumerate(files):
            yield number * count // len(files)
            random, whole = Random(f"convert {seed} {name} {path.name}"), path.read_bytes()
            size = sum(file.stat().st_size for file in path.parent.iterdir())
            for turn in range(count):
                path.write_bytes(damaged(random, whole))
                tracemalloc.start()
                try:
                    use(path.parent)
                    read += 1
                except UserError as error:
                    refusal(error)
                    refused += 1
                except Exception as error:
                    raise AssertionError(f"{name} {path.name} {turn}: {error!r}") from error
                finally:
                    _, most = tracemalloc.get_traced_memory()
                    tracemalloc.stop()
                assert most < 2 * size + LEAST, f"{name} {path.name} {turn}: {most:,} of {size:,}"
                assert not ran, f"{name} {path.name} {turn} ran {ran}"
            path.write_bytes(whole)
    return (
        f"convert: {len(files)} files of {len(convert.FORMATS)} formats, {count:,} mistakes in"
        f" each: {refused:,} refused, {read:,} still some model; nothing was run"
    )


def written(folder):
    """(format, path) of all files of a small model in each format, alone in its folder."""
    from foreign import GPT2, LLAMA, NANOCHAT, tiny, tokenizer
    from microgpt.convert.nanochat import FIRST

    words = tokenizer("nanochat", chat=True)
    nano = tiny(NANOCHAT, words, mlp_hidden=0, window_tile=128, norm_eps=1.1920929e-07)
    llama = tiny(LLAMA, rope_base=10_000.0)
    for name in convert.FORMATS:
        models = {"huggingface": (llama, tiny(GPT2)), "llama2c": (llama,)}
        models["gguf"] = (llama, quantized(tiny(GPT2, n_embd=64), "int4"))
        for number, model in enumerate(models.get(name, (nano,))):
            place = folder / f"{name}{number}"
            place.mkdir()
            target = place / "model.gguf" if name == "gguf" else place
            convert.save(model, target, name)
            for path in sorted(place.iterdir()):
                yield f"{name}{number}", path
    assert (folder / "nanochat0" / FIRST).is_file()


def use(folder):
    """What a command does with a model: it reads all of it."""
    path = next(iter(folder.glob("*.gguf")), folder)
    if not convert.recognise(path):
        raise UserError("It is not recognised.")
    checkpoint = convert.load(path)
    for name in checkpoint.shapes():
        np.asarray(checkpoint.tensors[name])
    checkpoint.tokenizer()


@contextlib.contextmanager
def watched():
    """Whatever begins a program or unpickles something is taken down."""
    ran, watching = [], True

    def hook(event, arguments):
        if watching and event in ("os.system", "subprocess.Popen", "os.exec", "pickle.find_class"):
            ran.append((event, str(arguments)[:80]))

    sys.addaudithook(hook)  # for as long as the process lives
    try:
        yield ran
    finally:
        watching = False
