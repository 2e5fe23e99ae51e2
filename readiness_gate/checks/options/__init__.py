"""Options that several checks share; what reads them stands beside, and loads when it runs."""
