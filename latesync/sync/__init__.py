"""DO: runs. Read, let `plan` decide, check, perform, record; this room decides nothing itself."""
