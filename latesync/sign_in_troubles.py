"""What can go wrong at the provider while somebody signs in, as data. Pure."""
