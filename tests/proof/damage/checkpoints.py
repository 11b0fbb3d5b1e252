"""Damaged checkpoints: refused in a sentence, unless all in them is what was saved."""

from random import Random

import numpy as np
from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.errors import UserError
from microgpt.quantization import KINDS, quantized

from proof.made import damaged, refusal, small_checkpoint_bytes

COUNT = 5000


def prove(count, seed):
    random, refused, whole = Random(f"checkpoints {seed}"), 0, 0
    files = [small_checkpoint_bytes()]
    files += [to_bytes(quantized(from_bytes(files[0]), kind)) for kind in KINDS]
    known = list(map(from_bytes, files))
    for number in range(count):
        if number and number % 500 == 0:
            yield number
        # Half of them are of a whole run, the others of quantized models.
        which = number // 2 % len(KINDS) + 1 if number % 2 else 0
        good, bad = known[which], damaged(random, files[which])
        try:
            found = from_bytes(bad, "a.safetensors")
        except UserError as error:
            refusal(error)
            assert str(error).startswith("a.safetensors "), str(error)
            refused += 1
            continue
        assert found.meta == good.meta, f"number {number}: another record was taken"
        assert found.tensors.keys() == good.tensors.keys(), f"number {number}"
        for name, stored in good.tensors.items():
            assert np.array_equal(found.tensors[name], stored), f"number {number}: {name}"
        whole += 1
    return f"checkpoints: {count:,} damaged, {refused:,} refused, {whole:,} still what was saved"
