-- Whether anything was ever said about any call.
SELECT EXISTS (SELECT FROM calltally.call_event)
