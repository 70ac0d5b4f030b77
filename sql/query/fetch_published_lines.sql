-- The next rows of declare_published_lines.
FETCH FORWARD 5000 FROM published_line
