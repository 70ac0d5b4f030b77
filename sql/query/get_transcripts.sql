-- What is stored of the words of a call.
SELECT identity, transcript
FROM calltally.transcript
WHERE call_key = $1
