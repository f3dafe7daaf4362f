"""A Skyvern-compatible task server that runs on this machine.

Owns: the HTTP API, the lifecycle of runs, the browser agent that does the tasks, what
is stored of them. Must not: import ``skyvern_tui``; the two packages are independent
readings of one contract and meet only over HTTP.
"""
