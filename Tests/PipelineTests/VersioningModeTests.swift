import Foundation
import TestSupport
import Testing

@Suite("Versions are pushed by this program or by the installed dvc", .timeLimit(.minutes(10)))
struct VersioningModeTests {
    private static let peers = (Checkout.peer("dvc") as NSString).deletingLastPathComponent
    private static let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"

    @Test("without a dvc that can, it is said at the start, before anything is cut")
    func missing() async throws {
        let station = try Station("mode-missing")
        try await station.draw("north/1.png")
        let remote = ["--versioning", "dvc", "--dvc-remote", "hdfs://namenode/data", "--json"]
        for path in [Self.path, "\(Self.peers):\(Self.path)"] {
            let outcome = try await station.program(["PATH": path]).run(["ingest", station.source] + remote)
            #expect(outcome.status == 70, "\(outcome.allText)")
            #expect(try outcome.parsed()["error"].text == "dvc-missing", "\(outcome.allText)")
        }
        #expect(try await station.events("ObjectObserved").isEmpty)
        let native = try await station.run("ingest", station.source, "--dvc-remote", "hdfs://namenode/data")
        #expect(native.status == 78 && native.errorText.contains("versioning: dvc"))
    }
}
