"""What is due to be told by mail goes into the outbox; what is in it goes out."""
