-- The next places of declare_row_order.
FETCH FORWARD 5000 FROM row_order
