"""Writes a package of about one megabyte that Joomla would install: a manifest and bytes that do not compress."""

import random
import sys
import zipfile

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<extension type="component" method="upgrade">
  <name>com_megabyte</name>
  <version>1.0.0</version>
  <description>One megabyte, to be measured with.</description>
  <administration><files><filename>megabyte.bin</filename></files></administration>
</extension>
"""

with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_STORED) as package:
    package.writestr("megabyte.xml", MANIFEST)
    package.writestr("megabyte.bin", random.Random(1).randbytes(1_000_000))
