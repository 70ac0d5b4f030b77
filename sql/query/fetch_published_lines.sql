-- The next rows of declare_published_lines.
FETCH FORWARD 1000 FROM published_line
