"""IAM's own judgement: policy documents and a request to allowed or not, on plain values."""
