"""Mutual excitation: a Hawkes model of attacks in which strikes act on the baseline, with either sign."""
