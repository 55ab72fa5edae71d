"""What the server counts of its own work, for whoever watches over several: Prometheus' text at /metrics."""
