"""Using a trained model: choosing tokens and writing text."""
