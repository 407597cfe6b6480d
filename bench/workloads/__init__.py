"""The workloads, one file for each or two: `pieces(bench)` says who is measured how."""
