"""Durable records of runs, timelines and artifacts."""
