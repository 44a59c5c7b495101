"""A roster file, from bytes to checked rows. Pure: no database, no request.

``reading`` finds rows and refuses broken files, ``validation`` accepts or rejects each row,
``copying`` hands the accepted ones to PostgreSQL's COPY, ``report`` says what came of it.
"""
