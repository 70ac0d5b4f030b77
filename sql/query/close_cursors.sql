-- The file of declare_published_lines and declare_row_order is written.
CLOSE ALL
