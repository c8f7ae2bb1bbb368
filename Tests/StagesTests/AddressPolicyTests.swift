import Events
import Foundation
import HTTPTransfer
import Projections
import Stages
import Synchronization
import TestSupport
import Testing

/// A name that means one address when it is looked at first, and another from then on.
private final class ChangingResolver: AddressResolver {
    private let answers: Mutex<[[String]]>

    init(_ answers: [[String]]) { self.answers = Mutex(answers) }

    func addresses(of host: String) async throws -> [IPAddress] {
        let texts = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? [] }
        return texts.compactMap { IPAddress($0) }
    }
}

@Suite("Notifications go to the addresses that they may go to, and to no other", .timeLimit(.minutes(2)))
struct AddressPolicyTests {
    @Test(
        "addresses of one's own network and of no network are refused, however they are written",
        arguments: [
            "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255",
            "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
            "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
            "::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "fe80::1", "fc00::1",
            "fd00:ec2::254", "ff02::1", "2001:db8::1",
        ]
    )
    func refused(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy().permits(address))
        let block = try #require(AddressBlock("\(text)/\(address.bytes.count * 8)"))
        #expect(AddressPolicy(allowed: [block]).permits(address), "what is listed is allowed")
    }

    @Test(
        "addresses of the public internet are not",
        arguments: ["1.1.1.1", "172.32.0.1", "100.128.0.1", "192.1.1.1", "2606:4700::1111", "64:ff9b::101:101"]
    )
    func permitted(text: String) throws {
        #expect(AddressPolicy().permits(try #require(IPAddress(text))))
    }

    @Test("blocks are read with their length, and nothing else is one")
    func blocks() throws {
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "10.0.0/8", "x/8", "10.0.0.0/8/8", "10.0.0.0/"] {
            #expect(AddressBlock(text) == nil, "\(text)")
        }
        let block = try #require(AddressBlock("10.1.2.0/23"))
        #expect(["10.1.2.0", "10.1.3.255"].allSatisfy { block.contains(IPAddress($0)!) })
        #expect(!["10.1.4.0", "10.1.1.255", "::ffff:10.1.2.1"].contains { block.contains(IPAddress($0)!) })
        #expect(try #require(AddressBlock("0.0.0.0/0")).contains(try #require(IPAddress("8.8.8.8"))))
    }

    @Test(
        "URLs that mean loopback in another spelling are refused before anything is sent",
        arguments: [
            "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://017700000001/",
            "https://localhost/",
            "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://user@127.0.0.1/",
        ]
    )
    func spellings(url: String) async throws {
        await #expect(throws: UnsafeAddress.self) {
            try await AddressPolicy().addresses(of: url, resolver: SystemResolver())
        }
    }

    @Test("plain http, and other schemes, are refused unless they are allowed")
    func schemes() async throws {
        let resolver = ChangingResolver([["1.1.1.1"]])
        for url in ["http://a.example/", "ftp://a.example/", "https://", "a.example", ""] {
            await #expect(throws: UnsafeAddress.self) {
                try await AddressPolicy().addresses(of: url, resolver: resolver)
            }
        }
        let open = AddressPolicy(allowsInsecure: true)
        #expect(try await open.addresses(of: "http://a.example/", resolver: resolver).count == 1)
        let mixed = ChangingResolver([["1.1.1.1", "10.0.0.1"]])
        await #expect(throws: UnsafeAddress.self) { try await open.addresses(of: "http://a.example/", resolver: mixed) }
    }

    @Test("a name that changes its meaning leads where it was looked at, or nowhere")
    func rebinding() async throws {
        let store = try TellingStore("rebinding")
        let inside = try await MisbehavingReceiver.start(in: store.scratch)
        let client = try HTTPClient(settings: WebhookSender.settings(caBundle: nil))
        let notification = CatalogNotification.sample
        // The name is public when it is looked at first; then it means loopback, where somebody listens.
        let resolver = ChangingResolver([["192.0.2.1"], ["127.0.0.1"]])
        let policy = AddressPolicy(allowsInsecure: true, allowed: [try #require(AddressBlock("192.0.2.0/24"))])
        let sender = WebhookSender(client: client, policy: policy, resolver: resolver, time: store.clock)
        var endpoint = Endpoint(name: "lab", url: inside.url("ok", host: "hook.example"))
        endpoint.timeout = .milliseconds(500)
        let first = try await sender.send(notification, to: endpoint)
        #expect(first.status == nil, "the address that was looked at does not answer, and no other is asked")
        let second = try await sender.send(notification, to: endpoint)
        #expect(second.status == nil && second.error?.contains("127.0.0.1") == true)
        #expect(try inside.requests().isEmpty)
        // The pinned address is used, not the system's idea of the name.
        let pinned = WebhookSender(
            client: client,
            policy: TellingStore.loopback,
            resolver: ChangingResolver([["127.0.0.1"]]),
            time: store.clock
        )
        endpoint.timeout = .seconds(20)
        #expect(try await pinned.send(notification, to: endpoint).status == 200)
        #expect(try inside.requests().first?["headers"]["host"].text == "hook.example:\(inside.port)")
    }
}

extension CatalogNotification {
    /// Any notification.
    static var sample: CatalogNotification { sample(1) }

    /// A notification of the event at a position.
    static func sample(_ position: Int, note: String = "") -> CatalogNotification {
        CatalogNotification(
            id: "msg_1",
            endpoint: "lab",
            sequence: 1,
            kind: "swathlog.source.recovered",
            subject: "s3://b",
            body:
                #"{"data":{"activity":"fetching","note":"\#(note)","position":\#(position),"source":"s3://b"},"id":"msg_1","sequence":"000000000001","source":"swathlog/dataset","specversion":"1.0","subject":"s3://b","time":"2027-01-15T08:00:00.000000Z","type":"swathlog.source.recovered"}"#,
            queuedPosition: 1
        )
    }
}
