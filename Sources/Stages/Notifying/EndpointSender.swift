import Events
package import Projections

/// Puts each notification where its endpoint is: a URL, a program, a file.
package struct EndpointSender: NotificationSender {
    private let webhooks: WebhookSender
    private let programs: ProgramSender
    private let files: FileSender

    /// - Parameter fileLimit: bytes at which a file of notifications is begun anew.
    package init(webhooks: WebhookSender, fileLimit: Int = 64 << 20) {
        self.webhooks = webhooks
        programs = ProgramSender()
        files = FileSender(limit: fileLimit)
    }

    package func send(_ notification: CatalogNotification, to endpoint: Endpoint) async throws -> SendOutcome {
        switch endpoint.target {
        case .webhook: try await webhooks.send(notification, to: endpoint)
        case .exec(let command): try await programs.send(notification, to: command, timeout: endpoint.timeout)
        case .file(let path): await files.send(notification, to: path)
        }
    }
}
