"""Voronka: a sales-management system for companies that sell to companies."""

__version__ = "0.1.0"
