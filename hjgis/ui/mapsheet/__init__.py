"""The window that makes a printed map: what it is about, the page itself, what stands on it."""
