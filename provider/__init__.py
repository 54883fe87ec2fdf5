"""The Pulumi plugin `rollout`: resources that act. sdk.py has the classes that programs use."""
