"""Who should be in which mode and who was seen in which. Pure: no database, no request.

``plan`` reads the playbook's copy, ``counting`` says which of a person's cohorts counts,
``reading`` turns an export into the stream COPY reads, ``scripts`` says who stands in a script,
``report`` says what came of an export.
"""
