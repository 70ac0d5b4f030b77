-- The next rows of declare_verify_events.
FETCH FORWARD 1000 FROM verify_event
