-- What was said in calls, word by word, as single events tell it. Filled only
-- where --transcripts was given; to forget it all: TRUNCATE calltally.transcript.
CREATE TABLE calltally.transcript (
	call_key uuid NOT NULL,
	identity uuid NOT NULL,		-- of the event that told it
	transcript text COLLATE "C" NOT NULL,
	PRIMARY KEY (call_key, identity)
);
