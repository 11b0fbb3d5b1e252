"""The stages of a chat model, made in the tab: tokens, a base, a model that answers."""
