"""What shall we change? Asks, plans, shows, applies, takes back."""

__version__ = "0.1.0"
