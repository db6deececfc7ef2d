"""Group metrics with intervals, the impossibility result, mitigations, proxies, associations."""
