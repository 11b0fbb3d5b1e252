"""The stages of a chat model, made in the tab: tokens, a base, a model that answers."""

from .ladder import Stages

__all__ = ["Stages"]
