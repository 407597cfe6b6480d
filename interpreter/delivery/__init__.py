"""Reaching the customer: templates, channels, and the outbox that never sends one decision twice."""
