"""What the view Inside asks: pictures, parts switched off, one step and one number."""
