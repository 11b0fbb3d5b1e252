"""Training: optimizers, learning-rate schedules, and the loop."""
