"""What the tests share with the benchmarks."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from git_site import GitSite  # noqa: E402, F401
from processes import free_port, resident_mib  # noqa: E402, F401
