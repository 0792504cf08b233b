"""`python -m workbench`: the commands."""

from workbench.cli.main import main

if __name__ == "__main__":
    main()
