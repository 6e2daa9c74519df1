"""The corridor held against what was observed: targets, validation, calibration."""
