"""Outlook, by way of Microsoft Graph. The facts behind each line: microsoft-graph.md, by the keys cited here.

Imported only when an account needs it: `requests` and MSAL take a moment to load.
"""
