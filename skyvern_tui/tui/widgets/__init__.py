"""The parts screens are made of. Must not: call the server; they show what they are given."""
