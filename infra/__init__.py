"""What a stack is made of: its settings, and the program that turns them into resources."""
