"""What a stack is made of: one ComponentResource a file, and the documents that fill them in."""
