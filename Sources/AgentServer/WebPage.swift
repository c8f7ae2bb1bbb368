import Events
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The page at `/`: files of `Web/`, embedded in the binary.
///
/// They hold nothing of a store and need no token; what they show they ask of the API, as everybody does.
struct WebPage: Sendable {
    private struct File: Sendable {
        let path: String
        let type: String
        let bytes: [UInt8]
    }

    private static let files: [File] = [
        File(path: "/", type: "text/html; charset=utf-8", bytes: PackageResources.index_html),
        File(path: "/page/style.css", type: "text/css; charset=utf-8", bytes: PackageResources.style_css),
        File(path: "/page/icon.svg", type: "image/svg+xml", bytes: PackageResources.icon_svg),
        script("main", PackageResources.main_js), script("api", PackageResources.api_js),
        script("dom", PackageResources.dom_js), script("overview", PackageResources.overview_js),
        script("objects", PackageResources.objects_js), script("object", PackageResources.object_js),
        script("graph", PackageResources.graph_js), script("datasets", PackageResources.datasets_js),
        script("events", PackageResources.events_js), script("deliveries", PackageResources.deliveries_js),
        script("quarantine", PackageResources.quarantine_js), script("map", PackageResources.map_js),
        script("rederive", PackageResources.rederive_js),
    ]

    /// Only what comes from here is run, drawn or asked; pictures may be made of bytes that were fetched with a token.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    private static func script(_ name: String, _ bytes: [UInt8]) -> File {
        File(path: "/page/\(name).js", type: "text/javascript; charset=utf-8", bytes: bytes)
    }

    func add(to router: Router<ServerContext>) {
        for file in Self.files {
            let tag = "\"\(Digest(of: file.bytes).description.prefix(32))\""
            for method in [HTTPRequest.Method.get, .head] {
                router.on(RouterPath(file.path), method: method) { request, _ in
                    var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
                    if let name = HTTPField.Name("Content-Security-Policy") { headers[name] = Self.policy }
                    guard request.headers[.ifNoneMatch] != tag else {
                        return Response(status: .notModified, headers: headers)
                    }
                    headers[.contentType] = file.type
                    return Response(
                        status: .ok,
                        headers: headers,
                        body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes))
                    )
                }
            }
        }
    }
}
