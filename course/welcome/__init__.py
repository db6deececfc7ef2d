"""The first ten minutes: is everything here, and how do the parts of a lesson work?"""
