"""What LateSync and the WordPress plugin say to each other."""
