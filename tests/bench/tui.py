"""Budgets of the terminal app."""
