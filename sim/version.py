"""Version of the package; the hash of a scenario and this make a result reproducible."""

__version__ = "0.2.0"
