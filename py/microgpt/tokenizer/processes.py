"""Texts into ids on several processors: in processes, for threads of Python take turns.

Jobs go out and come back in order, so that the ids are those of a single process.
"""

import signal
from collections import deque
from contextlib import suppress

import numpy as np

from ..errors import UserError

LARGE = 1 << 24  # bytes of text for which it is worth to start others


def encode_each(jobs, tokenizer, processes):
    """Yield the ids of each job: a list of documents, with `bos` after each; or (text, end), a part
    of a document, with `bos` if it is the last."""
    if processes == 1:
        yield from (_encoded(tokenizer, job) for job in jobs)
        return
    from multiprocessing import get_context  # a start does without

    context, pipes, busy = get_context("spawn"), [], deque()
    try:
        for job in jobs:
            # Whoever is asked waits for it and has nothing else to say: nobody can block.
            if len(pipes) < processes:
                pipes.append(_start(context, tokenizer))
                pipe = pipes[-1]
            else:
                pipe = busy.popleft()
                yield _lives(pipe.recv)
            _lives(pipe.send, job)
            busy.append(pipe)
        while busy:
            yield _lives(busy.popleft().recv)
    finally:
        for pipe in pipes:  # who hears nothing more ends
            pipe.close()


def _start(context, tokenizer):
    mine, theirs = context.Pipe()
    context.Process(target=_work, args=(theirs, tokenizer), daemon=True).start()
    theirs.close()
    return mine


def _lives(action, *given):
    try:
        return action(*given)
    except (EOFError, OSError):
        raise UserError(
            "A process that encodes has ended before its time; where memory is short, try"
            " --threads 1."
        ) from None


def _work(pipe, tokenizer):
    """What such a process does until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # that is for the one who asks
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_encoded(tokenizer, pipe.recv()))


def _encoded(tokenizer, job):
    if isinstance(job, list):
        return tokenizer.encode_rows(job).stream[1:]
    text, end = job
    ids = tokenizer.encode_array(text)
    return np.concatenate((ids, [tokenizer.bos]), dtype=ids.dtype) if end else ids
