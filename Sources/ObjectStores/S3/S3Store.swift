/// Buckets as a store of objects.
package struct S3Store: ObjectStore {
    private let client: S3Client

    package init(client: S3Client) {
        self.client = client
    }

    /// Downloads the version that is wanted, takes a broken download up again, and checks size and ETag.
    ///
    /// - Throws: `S3Error` for what the server says and the network does, `FileError` for the disk.
    package func fetch(_ wanted: WantedObject, to destination: String) async throws -> FetchedObject {
        // What looks like an MD5 is computed; whether it is one, only the answer tells.
        let withMD5 = wanted.etag.map(isMD5) ?? true
        let spool = try await Spool(destination, withMD5: withMD5)
        do {
            var download = S3Download(wanted, client: client, spool: spool)
            return try await download.run()
        } catch {
            await spool.discard()
            throw error
        }
    }

    /// Asks with GET for one byte, as what a HEAD is answered needs fewer rights.
    package func ask(for wanted: WantedObject) async throws {
        let pin = S3Pin(versionID: wanted.versionID, etag: wanted.etag)
        let range = wanted.size == 0 ? S3Range.all : .bytes(0..<1)
        _ = try await client.get(wanted.bucket, wanted.key, pin: pin, range: range)
    }
}
