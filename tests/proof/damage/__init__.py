"""Proofs that damage what is read, or the way it comes: each is refused in a sentence."""
