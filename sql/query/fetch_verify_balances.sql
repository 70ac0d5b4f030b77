-- The next rows of declare_verify_balances.
FETCH FORWARD 1000 FROM verify_balance
