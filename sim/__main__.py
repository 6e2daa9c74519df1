"""``corridor`` and ``python -m sim``."""

import signal


def main() -> None:
    """Run the command line and exit with its code.

    Ctrl-C ends the process at once, without a traceback, until the command line is loaded.
    """
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from sim.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
