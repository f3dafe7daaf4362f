"""Whether what goes over the wire is what the published API schema says.

Owns: the published schema (``skyvern-v1.json``: structure only, no prose), where the real
service is known to depart from it, and the findings of a check. Must not: know HTTP
servers or routes; it is given the parts of an exchange and says what is wrong with them.
"""
