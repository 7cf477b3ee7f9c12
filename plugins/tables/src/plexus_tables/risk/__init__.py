"""Credit-risk methods: weight of evidence, ranking, costs, calibration, fairness, scorecards and reason codes.

Outcomes are 1 for bad (default) and 0 for good; probabilities are those of bad. An applicant is rejected from a
threshold of the probability on, and approved below it.
"""
