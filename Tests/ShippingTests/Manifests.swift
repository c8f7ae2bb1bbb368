import Foundation
import TestSupport

/// What kubectl makes of a directory of k8s/.
struct Manifests {
    /// The file that it is in.
    let path: String
    let all: [JSON]
    private let scratch: Scratch?

    /// - Parameter directory: inside k8s/; a component is taken with the base.
    init(_ directory: String) async throws {
        let scratch = try Scratch("manifests")
        var source = Checkout.file("k8s/\(directory)")
        if directory.hasPrefix("components/") {
            // kubectl takes nothing by an absolute path.
            let overlay = try scratch.directory("overlay")
            let up = String(repeating: "../", count: overlay.split(separator: "/").count)
            let text = """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: ["\(up)\(Checkout.root.dropFirst())/k8s/base"]
                components: ["\(up)\(source.dropFirst())"]
                """
            try text.write(toFile: "\(overlay)/kustomization.yaml", atomically: true, encoding: .utf8)
            source = overlay
        }
        let rendered = try await Ship.tool("kubectl").check(["kustomize", source])
        let file = scratch.file("manifests.yaml")
        try Data(rendered.output).write(to: URL(fileURLWithPath: file))
        try await self.init(file: file, scratch: scratch)
    }

    init(file: String) async throws {
        try await self.init(file: file, scratch: nil)
    }

    private init(file: String, scratch: Scratch?) async throws {
        let script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"
        all = try await Ship.tool("python").check(["-c", script, file]).parsed().list
        path = file
        self.scratch = scratch
    }

    /// The object of a kind with a name; null where there is none.
    subscript(kind: String, name: String) -> JSON {
        all.first { $0["kind"].text == kind && $0["metadata"]["name"].text == name } ?? .null
    }

    /// The variables of the agent's ConfigMap.
    func settings() -> [String: String] {
        let data = self["ConfigMap", "swathlog"]["data"]
        return Dictionary(uniqueKeysWithValues: data.keys.map { ($0, data[$0].text) })
    }
}

/// What tools/test installs to check what is shipped.
enum Ship {
    static func tool(_ name: String) throws -> Tool {
        try Tool("\(Checkout.root)/.build-ship/bin/\(name)")
    }
}
