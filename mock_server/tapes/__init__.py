"""Recording a real server, and playing what was recorded.

Owns: the proxy that writes exchanges down without their secrets, cassettes, and turning
exchanges into scenarios. Must not: know the mock's engine or store; what it makes is played by
``scenarios``.
"""
