"""From a form to clean values; which cohorts may be chosen comes from the project."""
