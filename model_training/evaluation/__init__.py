"""Evaluation of trained networks and exported readers: scores, calibration, robustness, figures."""
