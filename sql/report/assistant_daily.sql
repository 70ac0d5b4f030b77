-- The calls of each day and assistant: one row a day, provider and assistant.
-- KEY: provider, assistant_id
-- day: local date of the start, else of the first event; empty when neither is known
-- provider: who placed the calls
-- assistant_id: the provider's id; empty when none is known
-- assistant_name: its name, where a list gave one
-- calls: number of calls; the outcome columns from queued to other sum to it
-- queued: calls that wait to be dialed
-- in_progress: calls that are being dialed or talked
-- ended: calls that were hung up, their processing not yet reported
-- completed: calls that were answered and processed
-- transferred: calls that were handed over to a person or another number
-- voicemail: calls ended, completed or timed out that reached a voicemail
-- no_answer: calls that nobody answered
-- busy: calls that met a busy line
-- failed: calls that failed technically
-- timeout: calls that reached their maximum duration
-- aborted: calls that were cancelled
-- skipped: calls that were not dialed on purpose, as do-not-disturb
-- invalid: calls that did not pass the checks before dialing
-- rescheduled: calls whose last outcome is a later date
-- other: calls with no known status
-- attempted: calls without queued, skipped and invalid
-- connected: ended, completed, transferred and timeout
-- connect_rate: connected / attempted, 4 decimals; empty when none was attempted
-- analyzed: calls with a success, a summary or a sentiment
-- succeeded: calls whose analysis says success
-- not_succeeded: calls whose analysis says no success
-- success_rate: succeeded / (succeeded + not_succeeded), 4 decimals; empty when there are none
-- sentiment_positive: calls with a positive sentiment
-- sentiment_neutral: calls with a neutral sentiment
-- sentiment_negative: calls with a negative sentiment
-- sentiment_unknown: calls with a sentiment that is none of these; no sentiment is in no column
-- talk_seconds: sum of the durations, seconds
-- talk_seconds_avg: mean duration of calls longer than zero, seconds; empty when there are none
-- talk_seconds_p50: median duration of the same calls, seconds, interpolated
-- talk_seconds_p90: 90th percentile of the same, seconds, interpolated
-- credits_used: sum of the credits used, in credits_unit; empty when the provider states none
-- credits_unit: "credits" or a currency; empty when the provider states none
-- credits_per_success: credits_used / succeeded, 4 decimals; empty when none succeeded
-- reattempts: sum of the attempts after the first
-- reschedules: sum of the reschedulings
SELECT day, provider, assistant_id, assistant_name,
	calls,
	queued, in_progress, ended, completed, transferred, voicemail, no_answer,
	busy, failed, timeout, aborted, skipped, invalid, rescheduled, other,
	attempted, connected, connect_rate,
	analyzed, succeeded, not_succeeded, success_rate,
	sentiment_positive, sentiment_neutral, sentiment_negative,
	sentiment_unknown,
	talk_seconds, talk_seconds_avg, talk_seconds_p50, talk_seconds_p90,
	credits_used, credits_unit, credits_per_success,
	reattempts, reschedules
FROM report_rollup
WHERE report = 'assistant_daily'
ORDER BY day NULLS FIRST, provider, assistant_id
