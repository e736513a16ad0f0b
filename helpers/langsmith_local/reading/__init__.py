"""Giving back: both generations of the API, and the pages."""
