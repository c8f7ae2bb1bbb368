package import Events

extension CatalogNotification {
    /// What commands and the API say of a notification.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("id", id)
            $0.set("endpoint", endpoint)
            $0.set("sequence", sequence)
            $0.set("kind", kind)
            $0.set("subject", subject)
            $0.set("dataset", partition)
            $0.set("state", state)
            $0.set("attempts", attempts)
            $0.set("status", status)
            $0.set("error", error)
            $0.set("answer", answer)
            $0.set("queued_position", queuedPosition)
        }
    }
}
