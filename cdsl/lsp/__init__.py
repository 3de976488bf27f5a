"""The language server: what an editor asks about specs.

Each feature is a file of pure functions over a checked text and an offset; `server` alone speaks the protocol.

text → analysis (checked, never twice for one text) → index (what every word names) → the features
                                                       project: the same across files
"""
