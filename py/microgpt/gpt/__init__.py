"""The model: its configuration and its forward pass."""
