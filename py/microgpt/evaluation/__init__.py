"""What a model can do, counted."""
