"""AWS on this machine: moto's API in front of a real registry and real machines.

It stands where a stack's `aws:endpoints` point to. Where moto or a plain registry accept what AWS
refuses, this package refuses too.
"""
