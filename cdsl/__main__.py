"""`python -m cdsl`"""

from cdsl.cli import main

main()
