"""What a newcomer sees in the demo: the tour, the pretend Google Calendar, and the frame around all pages."""
