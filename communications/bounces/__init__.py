"""What comes back: the signed return path, and reports of mails that did not arrive. Pure."""
