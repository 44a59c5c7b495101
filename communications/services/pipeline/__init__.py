"""Sending, step by step: plan, expand, claim, build, mark, dot, result; and reap what was lost.

Each module is one step and the only writer of its move. The steps may stop anywhere, for any of
them may run again in any worker: the rows say how far it went (docs/sending.md).
"""
