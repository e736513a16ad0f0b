"""The exercises themselves, a module for each lesson, with ``EXERCISES`` in it."""
