-- From here on this transaction changes nothing, whatever a report says.
SET TRANSACTION READ ONLY
