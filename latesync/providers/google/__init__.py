"""Google Calendar. The facts behind every line: google-calendar.md, by the keys cited here.

Imported only when an account needs it: Google's libraries take a second to load.
"""
