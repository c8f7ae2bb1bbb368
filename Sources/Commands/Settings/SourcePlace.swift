import Files
package import ObjectStores

/// A place that objects come from.
package enum SourcePlace: Sendable, Equatable {
    /// A folder's, or one file's, absolute path.
    case folder(String)
    case bucket(S3Location)

    /// Reads a path or `s3://BUCKET/PREFIX`.
    ///
    /// - Parameter origin: where it was said, for the message.
    package init(_ text: String, origin: String) throws {
        guard text.hasPrefix("s3://") else {
            guard !text.contains("://") else {
                throw SettingsError(.badValue, "\(origin): source '\(text)' is neither a folder nor s3://BUCKET/PREFIX")
            }
            self = .folder(absolute(text))
            return
        }
        do {
            self = .bucket(try S3Location(url: text))
        } catch {
            throw SettingsError(.badValue, "\(origin): source: \(error.message)")
        }
    }
}
