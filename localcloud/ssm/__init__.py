"""SSM Run Command on real machines, with the checks that AWS makes before and after."""
