"""One file per subcommand of `qbx`; each has `run(arguments) -> exit code` and raises QbxError with a sentence."""
