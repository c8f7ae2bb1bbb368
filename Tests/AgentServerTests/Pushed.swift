/// Bodies as stores send them, after their documentation and sources.
enum Pushed {
    /// MinIO's webhook: an S3 record with its event and key once more beside it, the key in the record encoded.
    static func minio(_ key: String, size: Int = 6_474) -> String {
        """
        {"EventName":"s3:ObjectCreated:Put","Key":"flights/\(key)","Records":[{"eventVersion":"2.0",\
        "eventSource":"minio:s3","awsRegion":"","eventTime":"2026-03-18T21:57:39.270Z",\
        "eventName":"s3:ObjectCreated:Put","userIdentity":{"principalId":"minio"},\
        "requestParameters":{"principalId":"minio","region":"","sourceIPAddress":"127.0.0.1"},\
        "responseElements":{"x-amz-request-id":"15A1C5A9E3B0E3F5","x-minio-origin-endpoint":"http://127.0.0.1:9000"},\
        "s3":{"s3SchemaVersion":"1.0","configurationId":"Config","bucket":{"name":"flights",\
        "ownerIdentity":{"principalId":"minio"},"arn":"arn:aws:s3:::flights"},"object":{"key":"\(key)",\
        "size":\(size),"eTag":"a3ac9ba4b7ad9d3b3a4a3c4b8f1d1d3f","contentType":"image/jpeg",\
        "versionId":"1","sequencer":"15A1C5A9E5A3B0E3"}},"source":{"host":"127.0.0.1","port":"","userAgent":"MinIO"}}]}
        """
    }

    /// Ceph's: `Records` of one, lower-case event names, a version id that may be empty.
    static func ceph(_ key: String) -> String {
        """
        {"Records":[{"eventVersion":"2.2","eventSource":"ceph:s3","awsRegion":"default",\
        "eventTime":"2026-04-22T13:41:50.124932Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"tester"},\
        "requestParameters":{"sourceIPAddress":""},"responseElements":{"x-amz-request-id":"503a4c37-85eb.4137.17",\
        "x-amz-id-2":"1029-default-default"},"s3":{"s3SchemaVersion":"1.0","configurationId":"mynotif1",\
        "bucket":{"name":"flights","ownerIdentity":{"principalId":"tester"},"arn":"arn:aws:s3:default::flights","id":"503a"},\
        "object":{"key":"\(key)","size":1024,"eTag":"37b51d194a7513e45b56f6524f2d51f2","versionId":"",\
        "sequencer":"F7E6D75DC742D108","metadata":[],"tags":[]}},"eventId":"","opaqueData":"me@example.com"}]}
        """
    }
}
