"""What the program knows without a screen: drafts, the journal of a run, previews.

Must not: import a user interface, open a connection, or read the clock by itself.
"""
