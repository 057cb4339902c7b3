"""Write the generated pages, into a folder where one is named."""

import sys

from audit.docs import write

write(*sys.argv[1:2])
