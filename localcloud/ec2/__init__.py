"""EC2 with real machines: one systemd container per instance, and its metadata service."""
