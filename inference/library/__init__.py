"""Cases on disk: SQLite is the truth, the Annoy file a verified cache of it."""
