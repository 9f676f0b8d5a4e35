"""What people read about the life of a consent. Pure."""
