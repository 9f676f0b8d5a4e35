"""READ: the booking site's tables → model. Writes only the bridge's own tables."""
