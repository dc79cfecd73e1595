"""CaseLens' engine: reads a picture, encodes it, finds and explains similar confirmed cases.

No Qt below this line: an import-linter contract and a Qt-free test run prove it.
"""
