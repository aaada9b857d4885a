"""What a trained network is worth: scores, calibration, figures."""
