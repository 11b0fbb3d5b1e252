"""Texts with labels: read from files or made up, and as balanced batches."""
