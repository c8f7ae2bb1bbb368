import CCurl

/// Owns one libcurl easy handle with the memory that libcurl borrows for as long as the handle lives.
@safe
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var requestHeaders: UnsafeMutablePointer<curl_slist>?
    private var connectTo: UnsafeMutablePointer<curl_slist>?

    init() throws(HTTPError) {
        guard let pointer = unsafe curl_easy_init() else {
            throw HTTPError(CURLE_OUT_OF_MEMORY, text: "no memory for another transfer")
        }
        unsafe self.pointer = unsafe pointer
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe requestHeaders = nil
        unsafe connectTo = nil
        unsafe ccurl_set_error_buffer(pointer, errorText)
    }

    deinit {
        // libcurl may write to the error text until the handle is gone.
        unsafe curl_easy_cleanup(pointer)
        unsafe curl_slist_free_all(requestHeaders)
        unsafe curl_slist_free_all(connectTo)
        unsafe errorText.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        try check(unsafe ccurl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: String) throws(HTTPError) {
        try check(unsafe ccurl_set_string(pointer, option, value))
    }

    func set(_ option: CURLoption, offset value: Int) throws(HTTPError) {
        try check(unsafe ccurl_set_offset(pointer, option, curl_off_t(value)))
    }

    /// Adds a header line as libcurl wants it: `Name: value`, `Name;` for an empty value, `Name:` to send none.
    mutating func addHeaderLine(_ line: String) throws(HTTPError) {
        guard let longer = unsafe curl_slist_append(requestHeaders, line) else {
            throw HTTPError(CURLE_OUT_OF_MEMORY, text: "no memory for a header")
        }
        unsafe requestHeaders = longer
        // The head of the list moves only with the first line, but telling libcurl each time costs nothing.
        try check(unsafe ccurl_set_request_headers(pointer, longer))
    }

    /// Sets where connections go, as CURLOPT_CONNECT_TO(3) writes it: `HOST:PORT:ADDRESS:PORT`, empty for any.
    mutating func setConnectTo(_ entry: String) throws(HTTPError) {
        guard let list = unsafe curl_slist_append(connectTo, entry) else {
            throw HTTPError(CURLE_OUT_OF_MEMORY, text: "no memory for an address")
        }
        unsafe connectTo = list
        try check(unsafe ccurl_set_connect_to(pointer, list))
    }

    func setBody(_ body: [UInt8]) throws(HTTPError) {
        let result = unsafe body.withUnsafeBytes { bytes in
            // An empty array may have no address, and libcurl takes a null address as "read it from a callback".
            if let base = bytes.baseAddress {
                return unsafe ccurl_set_request_body(pointer, base, curl_off_t(bytes.count))
            }
            return unsafe ccurl_set_request_body(pointer, "", 0)
        }
        try check(result)
    }

    /// Lets a paused transfer go on; what libcurl holds of it is received within this call.
    func resume() -> CURLcode {
        unsafe curl_easy_pause(pointer, CURLPAUSE_CONT)
    }

    /// The number of bytes of the request's body that the kernel has taken.
    var bytesSent: Int64 {
        var sent: curl_off_t = 0
        unsafe ccurl_get_offset(pointer, CURLINFO_SIZE_UPLOAD_T, &sent)
        return Int64(sent)
    }

    var status: Int {
        var value = 0
        unsafe ccurl_get_long(pointer, CURLINFO_RESPONSE_CODE, &value)
        return value
    }

    var seconds: Double {
        var value = 0.0
        unsafe ccurl_get_double(pointer, CURLINFO_TOTAL_TIME, &value)
        return value
    }

    /// Makes an error of a result, with libcurl's text for this very transfer where it has one.
    func error(_ result: CURLcode) -> HTTPError {
        let detail = unsafe String(cString: errorText)
        let general = unsafe String(cString: curl_easy_strerror(result))
        return HTTPError(result, text: detail.isEmpty ? general : detail)
    }

    func check(_ result: CURLcode) throws(HTTPError) {
        guard result == CURLE_OK else { throw error(result) }
    }
}
