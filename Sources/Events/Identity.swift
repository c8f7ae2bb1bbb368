/// Ids that follow from what a thing is, so that every run and every machine gives the same ones.
package enum Identity {
    /// The id of one version of one key in a source: 32 hexadecimal digits.
    package static func object(source: String, bucket: String, key: String, version: String, size: Int) -> String {
        derived(["object", source, bucket, key, version, String(size)])
    }

    /// The id of a notice that could not be read, from its text: 32 hexadecimal digits.
    package static func notice(_ raw: String) -> String {
        derived(["notice", raw])
    }

    /// The id of what one recipe makes of one source content: 32 hexadecimal digits.
    package static func derivation(source: Digest, recipe: Digest) -> String {
        derived(["derivation", source.description, recipe.description])
    }

    /// The id of the notification that tells one endpoint of one event: the event's id, the endpoint's name.
    package static func notification(of event: String, endpoint: String) -> String {
        "msg_" + derived(["notification", event, endpoint])
    }

    /// The first 16 bytes of the SHA-256 of the parts, each ended by a zero byte.
    private static func derived(_ parts: [String]) -> String {
        var input: [UInt8] = []
        for part in parts {
            input.append(contentsOf: part.utf8)
            input.append(0)
        }
        return hex(Digest(of: input).bytes.prefix(16))
    }
}
