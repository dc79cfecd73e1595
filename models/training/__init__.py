"""The recipes that made the models. Never installed, imported by nobody."""
