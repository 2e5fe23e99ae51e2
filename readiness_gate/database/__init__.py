"""A database as the gate sees it: its address, its foreign keys, and the rows behind them."""
