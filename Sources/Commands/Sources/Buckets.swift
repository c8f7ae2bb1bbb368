import EventLog
import Events
import Foundation
import HTTPTransfer
import Intake
import Logging
import ObjectStores
import Projections
import Stages

/// What speaks to S3 and to queues, with one set of connections and credentials.
struct Buckets: Sendable {
    let settings: SourceSettings
    let environment: AWSEnvironment
    let http: HTTPClient
    let credentials: CredentialsProvider
    let client: S3Client
    /// What waits for a queue's messages; nil where there is no queue.
    private let patient: HTTPClient?
    private let fault: S3Error?

    init(_ settings: SourceSettings) throws {
        self.settings = settings
        environment = .ofProcess()
        var transfer = S3Client.httpSettings
        transfer.caBundle = settings.caBundle
        transfer.connectionsPerHost = max(transfer.connectionsPerHost, settings.downloads + 8)
        http = try HTTPClient(settings: transfer)
        let resolved: S3Settings
        do {
            resolved = try settings.s3.resolved(in: environment)
            fault = nil
        } catch {
            // Who only reads folders has no need of a profile that is in order.
            resolved = settings.s3
            fault = error
        }
        credentials = CredentialsProvider(settings: resolved, environment: environment, http: http)
        client = S3Client(settings: resolved, http: http, credentials: credentials)
        var patience = SQSQueue.httpSettings
        patience.caBundle = settings.caBundle
        patient = settings.queueURL == nil ? nil : try HTTPClient(settings: patience)
    }

    /// Throws where AWS's own files or variables are not in order.
    func check() throws(S3Error) {
        if let fault { throw fault }
    }

    func close() async {
        await http.shutdown()
        await patient?.shutdown()
    }

    /// Where observed objects are fetched from, by the kind of their source; folders too.
    ///
    /// - Parameter keeping: how a folder's files are brought.
    func stores(keeping: FolderStore.Keeping = .copy) -> [String: any ObjectStore] {
        ["folder": FolderStore(root: "/", keeping: keeping), ObservationIntake.source: S3Store(client: client)]
    }

    /// The queue that tells of the bucket's changes; nil where none is set.
    func queue() throws -> SQSQueue? {
        guard let url = settings.queueURL, let patient else { return nil }
        let endpoint = environment["AWS_ENDPOINT_URL_SQS"] ?? environment["AWS_ENDPOINT_URL"]
        do {
            let location = try SQSLocation(url: url, endpoint: endpoint)
            return SQSQueue(location: location, http: patient, credentials: credentials)
        } catch {
            throw SettingsError(.badValue, "sqs_queue_url: \(error.message)")
        }
    }

    /// The one intake for the objects of these places.
    func intake(
        of places: [S3Location],
        log: EventLog,
        projector: Projector,
        onRemove: String,
        logger: Logger
    ) -> ObservationIntake {
        let client = client
        return ObservationIntake(
            log: log,
            projector: projector,
            onRemove: onRemove,
            filter: filter(of: places),
            complete: { notice in
                do {
                    let pin = S3Pin(versionID: notice.versionID, etag: notice.etag)
                    let head = try await client.describe(notice.bucket, notice.key, pin: pin)
                    var notice = notice
                    notice.etag = notice.etag ?? head.etag
                    notice.size = notice.size ?? head.size
                    return notice
                } catch let error as S3Error where error.code == .gone || error.code == .changed {
                    return nil
                }
            },
            logger: logger
        )
    }

    func filter(of places: [S3Location]) -> KeyFilter {
        KeyFilter(
            places: places.map { KeyFilter.Place(bucket: $0.bucket, prefix: $0.prefix) },
            include: settings.include
        )
    }

    /// The polling of one place.
    func polling(
        _ location: S3Location,
        intake: ObservationIntake,
        catalog: CatalogReader,
        paths: StorePaths,
        logger: Logger,
        waitForRoom: @escaping @Sendable () async throws -> Void
    ) -> BucketIntake {
        BucketIntake(
            location,
            client: client,
            intake: intake,
            catalog: catalog,
            filter: filter(of: [location]),
            marksPath: paths.marks(of: location),
            lookBack: settings.lookBack,
            time: SystemTime(),
            logger: logger,
            waitForRoom: waitForRoom
        )
    }
}

extension StorePaths {
    /// How far the listings of a place have come.
    func marks(of location: S3Location) -> String {
        "\(root)/listing-\(hex(Digest(of: location.url.utf8).bytes.prefix(8))).json"
    }

    /// Which directory a folder was.
    func memory(of folder: String) -> String {
        "\(root)/folder-\(hex(Digest(of: folder.utf8).bytes.prefix(8))).json"
    }

    /// What the agent last said of its sources.
    var sources: String { "\(root)/sources.json" }
}
