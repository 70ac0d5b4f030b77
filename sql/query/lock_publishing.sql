-- All tables that a publication is put into, at its begin; as in lock_batch.
LOCK TABLE calltally.publication, calltally.published_series,
	calltally.published_report, calltally.published,
	calltally.published_line IN ROW EXCLUSIVE MODE
