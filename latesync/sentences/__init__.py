"""Every sentence people read, by what it is about. Pure."""
