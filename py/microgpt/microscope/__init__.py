"""The microscope: a model taken apart in numbers, and the parts switched off one by one."""
