-- The next rows of declare_refold_events.
FETCH FORWARD 1000 FROM refold_event
