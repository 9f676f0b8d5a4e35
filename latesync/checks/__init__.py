"""What `latesync doctor` and the page Health look at, each finding with its remedy. They change nothing."""
