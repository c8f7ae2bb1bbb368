"""Reads metrics by Prometheus' client library: read_metrics.py prometheus|openmetrics FILE. Prints the samples as JSON."""
import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict

text = open(sys.argv[2]).read()
read = strict if sys.argv[1] == "openmetrics" else parser.text_string_to_metric_families
samples = {}
for family in read(text):
    assert family.documentation, family.name
    for sample in family.samples:
        labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
        samples[f"{sample.name}{{{labels}}}"] = sample.value
print(json.dumps(samples))
