"""Who makes a server's products: threads of ours that share the rows of a large model."""

from microgpt import checkpoint as checkpoints
from microgpt.inference import decode
from microgpt.training.threads import BlasThreads
from serving import Within
from talker import base
from threadpoolctl import threadpool_info, threadpool_limits


def threads():
    """Of the library that makes products."""
    (found,) = {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
    return found


def test_processes_share_what_there_is():
    with threadpool_limits(2, "blas"):
        one, other = BlasThreads(), BlasThreads(processes=2)
        assert (one.most, one.own.count) == (2, 2) and (other.most, other.own.count) == (1, 1)
        other.use(other.most)
        assert threads() == 1


def test_several_rows_of_a_large_model_are_shared_out(tmp_path, monkeypatch):
    path, asked, shares = tmp_path / "base.safetensors", [], []
    checkpoints.save(base(), path)
    monkeypatch.setattr(decode, "FEWEST", 1)

    def answers():
        with threadpool_limits(2, "blas"):
            within = Within(path)
        threads = within.served.batcher._threads
        use, run = threads.use, threads.own.run
        monkeypatch.setattr(threads, "use", lambda count: asked.append(count) or use(count))
        monkeypatch.setattr(threads.own, "run", lambda jobs: shares.append(len(jobs)) or run(jobs))

        async def ask(client):
            settings = {"model": "base", "prompt": "one", "max_tokens": 4, "seed": 1}
            answer = await client.completions.create(**settings, n=3)
            return [choice.text for choice in answer.choices]

        return within.run(ask)

    alone = answers()
    assert set(asked[:-1]) == {1} and asked[-1] == 2 and not shares  # a small model; put back
    monkeypatch.setattr(decode, "LARGE", 0)
    assert answers() == alone and set(shares) == {2}
