"""What a person types beside `pulumi`."""
