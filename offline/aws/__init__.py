"""Stand-in of the Pulumi plugin `aws` for machines that cannot reach Pulumi's plugin server."""
