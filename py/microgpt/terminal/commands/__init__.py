"""The commands of the terminal, one file each: its flags and its work."""
