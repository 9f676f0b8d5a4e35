"""What is to be told by mail, put into the outbox and sent."""
