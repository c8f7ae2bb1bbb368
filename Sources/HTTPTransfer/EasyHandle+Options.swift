import CCurl

extension EasyHandle {
    /// Sets what the client's settings say, and the request's own deviations from them.
    func apply(_ settings: HTTPSettings, to job: TransferJob) throws(HTTPError) {
        try check(unsafe ccurl_allow_only_http(pointer))
        let redirects = job.request.redirects(settings)
        try set(CURLOPT_FOLLOWLOCATION, redirects > 0 ? 1 : 0)
        try set(CURLOPT_MAXREDIRS, redirects)
        // Credentials for one host stay there; it is libcurl's default, and too important to be left to it.
        try set(CURLOPT_UNRESTRICTED_AUTH, 0)
        // Otherwise a proxy's answer to CONNECT would look like the beginning of the server's.
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // Without it libcurl may use SIGALRM, which a program with threads cannot have.
        try set(CURLOPT_NOSIGNAL, 1)
        try check(unsafe ccurl_leave_lookups_behind(pointer))
        let timeouts = job.request.timeouts
        try set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(timeouts.connect ?? settings.connectTimeout))
        switch job.reply {
        case .response:
            try set(CURLOPT_TIMEOUT_MS, milliseconds(timeouts.total ?? settings.totalTimeout))
        case .stream:
            if let total = timeouts.total {
                try set(CURLOPT_TIMEOUT_MS, milliseconds(total))
            }
            try set(CURLOPT_BUFFERSIZE, 512 << 10)
        }
        try set(CURLOPT_USERAGENT, settings.userAgent)
        if let bundle = settings.caBundle {
            try set(CURLOPT_CAINFO, bundle)
        }
        if !settings.usesEnvironmentProxy {
            try set(CURLOPT_PROXY, "")
        }
        if !settings.http2 {
            try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        } else if job.ticket.origin.hasPrefix("https:") {
            // Requests wait for a handshake that is under way, as its connection may carry them all.
            try set(CURLOPT_PIPEWAIT, 1)
        }
    }

    mutating func apply(_ request: HTTPRequest) throws(HTTPError) {
        try set(CURLOPT_URL, request.url)
        if let address = request.connectTo {
            // For any host and port of this request: to this address, and the same port.
            try setConnectTo("::\(address.contains(":") ? "[\(address)]" : address):")
        }
        if request.connectsOnly { try set(CURLOPT_CONNECT_ONLY, 1) }
        // To S3 `a/../b` is a key, and it is signed as it is written here.
        try set(CURLOPT_PATH_AS_IS, 1)
        switch request.body {
        case _ where request.method == "HEAD":
            try set(CURLOPT_NOBODY, 1)
        case .bytes(let bytes):
            if !bytes.isEmpty || request.method == "POST" || request.method == "PUT" {
                try setBody(bytes)
                // Of more than 64 KiB, libcurl would send what its buffer holds at a time.
                try set(CURLOPT_UPLOAD_BUFFERSIZE, min(max(64 << 10, bytes.count), 512 << 10))
            }
            try set(CURLOPT_CUSTOMREQUEST, request.method)
        case .file(_, _, let length):
            try set(CURLOPT_UPLOAD, 1)
            try set(CURLOPT_INFILESIZE_LARGE, offset: length)
            try set(CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10)
            try set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        // libcurl would say that the body is a form, and would wait a second for "100 Continue" before a large one.
        for name in ["Content-Type", "Expect"] where !request.headers.contains(where: { isSameHeader($0.0, name) }) {
            try addHeaderLine("\(name):")
        }
        for (name, value) in request.headers {
            try addHeaderLine(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
    }
}

extension HTTPRequest {
    /// How many redirects may be followed; none with a method that changes something.
    func redirects(_ settings: HTTPSettings) -> Int {
        method == "GET" || method == "HEAD" ? max(0, maxRedirects ?? settings.maxRedirects) : 0
    }
}

/// libcurl's limit is a C long; zero would mean "no limit", so the shortest time is one millisecond.
private func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    guard seconds < 1_000_000_000 else { return 1_000_000_000_000 }
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
}
