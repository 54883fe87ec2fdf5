"""What the stand-ins of Pulumi plugins share: protocol, tables, checks, differences."""
