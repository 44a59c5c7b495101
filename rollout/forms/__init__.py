"""From a form to clean values; what may be chosen comes from the project or the person."""
