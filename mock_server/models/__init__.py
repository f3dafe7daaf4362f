"""A language model over HTTP, for those who have one: the OpenAI-compatible chat API.

Owns: the requests, their limits of time and size, and handing a run the way to ask. Must
not: know what is asked; the agent's ``llm`` room does. Nothing here is imported unless a
server is started with such a planner.
"""
