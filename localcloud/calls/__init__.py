"""What the cloud is asked for, in IAM's words: who, which action, on what, and whether it may."""
