"""Structure in what a page shows: nodes, lines, facts and repeated records, found by shape.

Owns: everything that turns the tree of one look into plain data. Must not: touch a browser
or know what was asked.
"""
