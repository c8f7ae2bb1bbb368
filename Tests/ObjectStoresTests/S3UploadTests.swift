import HTTPTransfer
import ObjectStores
import Testing

@Suite("Parts of an upload")
struct S3UploadTests {
    @Test(
        "cover the object without gaps, in no more than 10,000 pieces of 5 MiB or more",
        arguments: [
            (5 << 20) + 1, 100 << 20, (16 << 20) * 10_000, (16 << 20) * 10_000 + 1, 5 << 40,
        ]
    )
    func parts(_ length: Int) throws {
        let client = S3Client(settings: S3Settings(), http: try HTTPClient(), credentials: nil)
        let parts = S3Upload(client: client, bucket: "b", key: "k", content: .bytes([]), length: length).parts
        #expect(parts.first?.lowerBound == 0)
        #expect(parts.last?.upperBound == length)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(parts.count <= 10_000)
        #expect(parts.dropLast().allSatisfy { $0.count >= 5 << 20 })
    }
}
