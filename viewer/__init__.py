"""The CaseLens window: drop a picture, see where the model looks and the most similar cases.

Qt Widgets over `inference`; nothing here reads files, models or databases by itself.
"""
