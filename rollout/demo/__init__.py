"""A believable project to look at. Its history is made by the services everybody uses.

Time passes between two chapters: everything the project holds moves back by some days (`aging`),
and then the next chapter happens today. So nothing is written around the services, and what was
planned, sent and answered stands at the date where it belongs.
"""
