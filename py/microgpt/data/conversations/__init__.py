"""Conversations: read from files, rendered as tokens, packed into rows."""
