"""Themes: chosen for the map, made and changed in their window."""
