"""The page. Python code is in `build` only: what makes the site of these files."""
