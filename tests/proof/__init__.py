"""Proofs by many repetitions: `python -m tests.proof NAME`. The unit tests run a few of them."""
