"""The doors: they answer. Phones, people, programs, and the actions behind them."""
