"""Right above the domain: how people are reached, read as they write it. The libraries that know domains end here.

The domain stays pure; settings, store and services above all read an address or a phone in this one way.
"""
