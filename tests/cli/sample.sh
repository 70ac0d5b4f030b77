# shellcheck shell=sh
# Small dumps for tests: sample_dump is 8 lines (4 events of 2 calls, 2
# rejects, 1 ignored, 1 duplicate), sample_dispatch a dispatch line of call_1.

sample_dump() {
	cat <<'END'
{"event":{"type":"call.initiate","data":{"call":{"id":"call_1","status":"initiate"}}},"received_at":"2026-03-01T09:29:00Z"}
{"event":{"type":"call.completed","data":{"call":{"id":"call_1","status":"completed","startedAt":"2026-03-01T09:30:00Z","endedAt":"2026-03-01T09:30:45Z","durationSeconds":45}}}}
{"event":{"type":"end-of-call","data":{"call":{"id":"call_1","status":"completed","startedAt":"2026-03-01T09:30:00Z","endedAt":"2026-03-01T09:30:45Z","durationSeconds":45},"analysis":{"success":true,"summary":"asked \u001b[31mto call +91 98765 43210\u202e back"},"credits":{"used":1.5,"available":98.5}}}}
{"event":{"type":"call.odd","data":{"call":{"id":"call_2","status":"odd"}}}}
{"event": {"type":"call.odd", "data":{"call":{"id":"call_2","status":"odd"}}}}
not json +919876543210
{"foo":1}

END
}

sample_dispatch() {
	cat <<'END'
{"sentAt":"2026-03-01T09:28:00Z","workspace":"w1","request":{"phoneNumber":"+919876543210","assistant":"a1","metadata":{"campaign":"k1"}},"response":{"status":"initiate","callId":"call_1"}}
END
}
