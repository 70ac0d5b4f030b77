-- Lines that could not be understood.
COPY calltally.reject (
	source_id, line, byte_offset, reason, message, line_bytes, raw, run_id
) FROM STDIN (FORMAT binary)
