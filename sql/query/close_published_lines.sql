-- The file of declare_published_lines is written.
CLOSE published_line
