"""Tables as people bring them, CSV and XLSX alike, as rows with the numbers of their lines.

    table = open_table(stream, known)      # cohorts.tables.opening; raises RosterError
    table.header                           # list[str]
    for line, cells in table: ...          # raises RosterError; cells are text, blank rows left out
    table.sha256                           # of the whole file, once everything is read

Pure: no database, no request. What the columns mean is the caller's (``cohorts.roster.reading``
for people, ``cohorts.modes.reading`` for modes).
"""
