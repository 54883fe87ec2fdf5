"""Set-up of this machine, and stand-ins for what it can't download: they come last, never first."""
