import Files
import HTTPTransfer
import ObjectStores

/// What came of trying a remote.
package enum RemoteProbe: Sendable, Equatable {
    /// It can be written and read, and is as it was.
    case well
    /// It can be written and read; this was left there, for this reason.
    case leftBehind(String, because: String)
    /// It does not exist yet, and can be made by the first push.
    case toBeMade
    /// Its program has asked it for an object; whether it can be written, only a push can tell, as dvc removes nothing.
    case asked

    fileprivate static var name: String { "swathlog-probe-\(UInt64.random(in: .min ... .max))" }
    fileprivate static let content = Array("swathlog doctor\n".utf8)

    fileprivate static func differs(_ url: String) -> DVCError {
        DVCError(.objectDamaged, "\(url) gives back other bytes than it was given")
    }
}

extension LocalRemote {
    package func probe() throws -> RemoteProbe {
        var directory = path
        while try fileInfo(directory) == nil, directory != "/" { directory = parent(of: directory) }
        let file = "\(directory)/\(RemoteProbe.name)"
        try writeNew(RemoteProbe.content, to: file, mode: 0o600, synchronized: false)
        let isSame = try readFile(file) == RemoteProbe.content
        try removeFile(file)
        guard isSame else { throw RemoteProbe.differs(path) }
        return directory == path ? .well : .toBeMade
    }
}

extension S3Remote {
    package func probe() async throws -> RemoteProbe {
        let key = (location.prefix.isEmpty ? "" : "\(location.prefix)/") + RemoteProbe.name
        _ = try await retrying { () throws(S3Error) in
            try await client.put(location.bucket, key, .bytes(RemoteProbe.content), headers: headers)
        }
        let found = try await retrying { () throws(S3Error) in try await client.read(location.bucket, key) }
        do throws(S3Error) {
            try await retrying { () throws(S3Error) in try await client.delete(location.bucket, key) }
        } catch {
            return .leftBehind("s3://\(location.bucket)/\(key)", because: error.message)
        }
        guard found == RemoteProbe.content else { throw RemoteProbe.differs(url) }
        return .well
    }
}

extension Remotes {
    /// Tries a place that dataset versions are to be pushed to.
    ///
    /// - Parameter described: what the settings say of it, which `.dvc/config` may not have yet.
    package func probe(_ url: String, described: RemoteSettings?) async throws -> RemoteProbe {
        var settings = try Self.settings(of: url, in: DVCSettings(repository: repository, environment: environment))
        for option in described?.options ?? [] {
            settings.options.removeAll { $0.key == option.key }
            settings.options.append(option)
        }
        try await program?.check(url)
        let opened = try open(settings)
        do {
            let probe = try await opened.remote.probe()
            await opened.http?.shutdown()
            return probe
        } catch {
            await opened.http?.shutdown()
            throw error
        }
    }
}
