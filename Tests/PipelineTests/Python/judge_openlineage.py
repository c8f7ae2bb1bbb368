"""Takes run events of OpenLineage, by POST or from a file, and builds each anew with the classes of the public client.

judge_openlineage.py serve FILE   prints its URL, takes events at /api/v1/lineage and appends them to FILE; the first POST
                                  of all is answered 503
judge_openlineage.py FILE         prints what it found as JSON
"""

import http.server
import json
import sys

from openlineage.client import event_v2
from openlineage.client.generated import (
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
)
from openlineage.client.serde import Serde

FACETS = {
    "processing_engine": processing_engine_run.ProcessingEngineRunFacet,
    "parent": parent_run.ParentRunFacet,
    "errorMessage": error_message_run.ErrorMessageRunFacet,
    "jobType": job_type_job.JobTypeJobFacet,
    "version": dataset_version_dataset.DatasetVersionDatasetFacet,
    "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
}


def facet(name, found):
    kind = FACETS[name]
    own = {key: value for key, value in found.items() if not key.startswith("_")}
    if name == "parent":
        own = {"run": parent_run.Run(**own["run"]), "job": parent_run.Job(**own["job"])}
    made = kind(producer=found["_producer"], **own)
    assert made._schemaURL == found["_schemaURL"], (made._schemaURL, found["_schemaURL"])
    return made


def facets(found):
    return {name: facet(name, value) for name, value in found.items()}


def dataset(kind, found):
    found = dict(found)
    for key in ("facets", "inputFacets", "outputFacets"):
        if key in found:
            found[key] = facets(found[key])
    return kind(**found)


def event(found):
    made = event_v2.RunEvent(
        eventType=event_v2.RunState[found["eventType"]],
        eventTime=found["eventTime"],
        producer=found["producer"],
        run=event_v2.Run(runId=found["run"]["runId"], facets=facets(found["run"]["facets"])),
        job=event_v2.Job(found["job"]["namespace"], found["job"]["name"], facets(found["job"]["facets"])),
        inputs=[dataset(event_v2.InputDataset, item) for item in found["inputs"]],
        outputs=[dataset(event_v2.OutputDataset, item) for item in found["outputs"]],
    )
    assert made.schemaURL == found["schemaURL"], made.schemaURL
    # What the client would send is what was exported, but for members without a value.
    assert trimmed(json.loads(Serde.to_json(made))) == trimmed(found), found
    return found


def trimmed(value):
    if isinstance(value, dict):
        members = {key: trimmed(member) for key, member in value.items()}
        return {key: member for key, member in members.items() if member not in (None, {}, [])}
    return [trimmed(item) for item in value] if isinstance(value, list) else value


def judge(path):
    events = [event(json.loads(line)) for line in open(path)]
    runs = {}
    for item in events:
        runs.setdefault((item["job"]["name"], item["run"]["runId"]), []).append(item)
    for key, states in runs.items():
        names = [item["eventType"] for item in states]
        assert names[0] == "START" and len(names) <= 2 and "START" not in names[1:], (key, names)
        parent = states[0]["run"]["facets"].get("parent")
        assert (parent is None) == (key[0] == "swathlog.agent"), key
        assert parent is None or ("swathlog.agent", parent["run"]["runId"]) in runs, key
    print(json.dumps({"events": events, "runs": len(runs)}))


class Receiver(http.server.BaseHTTPRequestHandler):
    path_of_file = ""
    has_refused = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 201
        if not Receiver.has_refused:
            Receiver.has_refused = True
            status = 503
        elif self.path != "/api/v1/lineage" or self.headers["Authorization"] != "Bearer key-of-the-test":
            status = 400
        else:
            with open(self.path_of_file, "ab") as file:
                file.write(body + b"\n")
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if sys.argv[1] == "serve":
    Receiver.path_of_file = sys.argv[2]
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
else:
    judge(sys.argv[1])
