"""The commands, one module per kind of thing a user wants done."""
