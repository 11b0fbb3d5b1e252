"""numpy calls of a function, recorded once and replayed."""
