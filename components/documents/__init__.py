"""The texts that components fill in, as pure functions on plain values: no pulumi, no network."""
