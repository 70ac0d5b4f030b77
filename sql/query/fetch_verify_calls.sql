-- The next rows of declare_verify_calls.
FETCH FORWARD 1000 FROM verify_call
