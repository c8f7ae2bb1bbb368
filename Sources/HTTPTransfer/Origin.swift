import CCurl

/// Reads scheme, host and port out of a URL with libcurl's own parser, so that both always agree.
func origin(of url: String) throws(HTTPError) -> String {
    guard !url.utf8.contains(0) else {
        throw HTTPError(code: .invalidRequest, message: "the URL holds a NUL; remove it")
    }
    guard let handle = unsafe curl_url() else {
        throw HTTPError(code: .other, message: "no memory to parse a URL")
    }
    defer { unsafe curl_url_cleanup(handle) }
    let parsed = unsafe curl_url_set(handle, CURLUPART_URL, url, 0)
    guard parsed == CURLUE_OK else {
        let reason = unsafe String(cString: curl_url_strerror(parsed))
        throw HTTPError(
            code: .invalidRequest,
            message: "not a URL (\(reason)); write https://host/path"
        )
    }
    func part(_ part: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK,
            let text = unsafe text
        else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
    guard let scheme = part(CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
        throw HTTPError(code: .invalidRequest, message: "only http and https URLs are supported")
    }
    guard let host = part(CURLUPART_HOST), let port = part(CURLUPART_PORT) else {
        throw HTTPError(code: .invalidRequest, message: "the URL has no host; write https://host/path")
    }
    return "\(scheme)://\(host.lowercased()):\(port)"
}
