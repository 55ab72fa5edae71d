"""⑨ What is said beside the data: codebook, DDI, statistics, export report, log of corrections."""
