"""What the commands of people do: imported when one runs, so that `--help` stays quick."""
