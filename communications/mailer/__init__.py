"""How one mail is handed to an SMTP server. Pure: no models, no database, no domain words.

The hand-over stops in front of the final dot, so that the caller can write down that it is about
to happen. `pipeline` is the caller.
"""
