import Events
import Files
import Foundation
import HTTPTransfer
import Stages

/// Tries whether endpoints can be reached; none of them is told anything.
struct EndpointExamination {
    let settings: Settings

    func run() async throws -> [DoctorFinding] {
        guard !settings.endpoints.isEmpty else { return [] }
        let client = try HTTPClient(settings: WebhookSender.settings(caBundle: settings.sources.caBundle))
        let sender = WebhookSender(client: client, policy: settings.addresses, time: SystemTime())
        var findings: [DoctorFinding] = []
        for endpoint in settings.endpoints { findings.append(await examine(endpoint, sender)) }
        await client.shutdown()
        return findings
    }

    private func examine(_ endpoint: Endpoint, _ sender: WebhookSender) async -> DoctorFinding {
        // The place without what people put into a URL beside it.
        let place = endpoint.adopted.place
        switch endpoint.target {
        case .webhook(let url):
            do {
                try await sender.connect(to: url)
                return .well("endpoint", "\(endpoint.name): \(place) takes connections; nothing was sent")
            } catch let error as UnsafeAddress {
                return .wrong("endpoint", "\(endpoint.name): \(error.message)")
            } catch {
                let why = (error as? HTTPError)?.message ?? "\(error)"
                return .wrong("endpoint", "\(endpoint.name): \(place) can't be connected to: \(why)")
            }
        case .exec(let command):
            let program = command.first ?? ""
            return FileManager.default.isExecutableFile(atPath: program)
                ? .well("endpoint", "\(endpoint.name): \(program) can be run; it was not")
                : .wrong("endpoint", "\(endpoint.name): \(program) can't be run: `chmod +x` it, or correct it")
        case .file(let path):
            let isThere = FileManager.default.fileExists(atPath: path)
            let canWrite = FileManager.default.isWritableFile(atPath: isThere ? path : parent(of: path))
            return canWrite
                ? .well("endpoint", "\(endpoint.name): \(path) can be written")
                : .wrong(
                    "endpoint",
                    "\(endpoint.name): \(path) can't be written: make its directory, or let the agent write there"
                )
        }
    }
}
