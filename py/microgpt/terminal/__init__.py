"""What the terminal commands do: train, sample, info, and the things they print and write."""
