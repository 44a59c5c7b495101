"""What `start.py` hands over to: starts, watches and stops the processes of one installation.

Process wiring only. It knows commands, ports and folders, and no room of the product; the
product runs just as well from compose or by hand with DATABASE_URL and REDIS_URL.
"""
