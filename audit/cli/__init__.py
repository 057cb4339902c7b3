"""The ``audit`` command: the only place of the toolkit that prints.

One module per group of commands. Nothing heavy is imported before a command needs it, so
``audit --help`` and ``audit price`` answer at once.
"""
