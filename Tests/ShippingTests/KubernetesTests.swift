import Foundation
import TestSupport
import Testing

@Suite("The manifests of k8s/", .timeLimit(.minutes(10)))
struct KubernetesTests {
    /// The ways that k8s/ is applied; the last is the base with the component.
    static let overlays = ["base", "overlays/sharded", "overlays/minio", "components/images-volume"]

    @Test("are what the Kubernetes API takes, and leave checkov nothing to say", arguments: overlays)
    func valid(overlay: String) async throws {
        let manifests = try await Manifests(overlay)
        try await Ship.tool("kubernetes-validate").check(["--strict", "--quiet", manifests.path])
        let checked = try await Ship.tool("checkov").run([
            "--config-file", Checkout.file(".checkov.yaml"), "--file", manifests.path, "--framework", "kubernetes",
            "--output", "json",
        ])
        #expect(checked.status == 0, "\(checked.allText)")
        // Of a file that it takes for something else it says nothing either.
        #expect(try checked.parsed()["summary"]["passed"].int ?? 0 > 50)
    }

    @Test("set every setting that is no secret, in words that the program takes")
    func settings() async throws {
        let values = try await Manifests("base").settings()
        let secrets = try await Manifests(file: Checkout.file("k8s/base/secret.example.yaml")).all[0]["stringData"]
        let secretNames = secrets.keys.filter { $0.hasPrefix("SWATHLOG_") }
        let scratch = try Scratch("manifests")
        var program = try Tool(Checkout.swathlog, install: "swift build", in: scratch.path)
        let known = try await program.check(["config", "--json"]).parsed().keys.map { "SWATHLOG_" + $0.uppercased() }
        #expect(Set(values.keys).isDisjoint(with: secretNames))
        #expect(Set(values.keys).union(secretNames) == Set(known))
        program.environment.merge(values) { _, new in new }
        program.environment["SWATHLOG_HTTP_TOKEN"] = "as the template says"
        let outcome = try await program.run(["config"])
        #expect(outcome.status == 0, "\(outcome.allText)")
    }

    @Test("of shards run the base's pod, each with a volume of its own, on one queue that nobody looks past")
    func sharded() async throws {
        let base = try await Manifests("base")
        let sharded = try await Manifests("overlays/sharded")
        #expect(sharded["Deployment", "swathlog"] == .null)
        #expect(sharded["PersistentVolumeClaim", "swathlog-store"] == .null)
        let agents = sharded["StatefulSet", "swathlog"]["spec"]
        let pod = "template"
        #expect(agents["replicas"] == .null, "an apply would set back what the autoscaler chose")
        #expect(agents["volumeClaimTemplates"].list.map { $0["metadata"]["name"].text } == ["store"])
        #expect(agents[pod]["spec"]["volumes"].list.map { $0["name"].text } == ["tmp"])
        #expect(agents[pod]["spec"]["containers"] == base["Deployment", "swathlog"]["spec"][pod]["spec"]["containers"])
        let values = sharded.settings()
        #expect(values["SWATHLOG_POLLING"] == "off")
        #expect(values["SWATHLOG_SQS_QUEUE_URL"]?.hasPrefix("https://") == true)
        let scaler = sharded["HorizontalPodAutoscaler", "swathlog"]["spec"]
        #expect(scaler["minReplicas"].int == 1 && scaler["maxReplicas"].int == 5)
        #expect(scaler["scaleTargetRef"]["kind"].text == "StatefulSet")
    }
}
