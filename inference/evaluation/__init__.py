"""Protocols and metrics: every number in README or a model card comes from here."""
