"""Lessons: small programs that run alone and explain one idea each."""
