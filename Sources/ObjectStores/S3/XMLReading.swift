import CExpat

/// Reads an XML document as a sequence of elements that start and end.
final class XMLReading {
    private let start: (String) -> Void
    private let end: (String, String) -> Void
    private var text: [UInt8] = []

    private init(start: @escaping (String) -> Void, end: @escaping (String, String) -> Void) {
        self.start = start
        self.end = end
    }

    /// Calls `start` with each name, and `end` with each name and the text just before its end; false for what is no
    /// XML, a document that breaks off and a character that XML forbids included.
    static func read(
        _ bytes: [UInt8],
        start: @escaping (String) -> Void,
        end: @escaping (String, String) -> Void
    ) -> Bool {
        guard let count = Int32(exactly: bytes.count), let parser = unsafe XML_ParserCreateNS(nil, separator) else {
            return false
        }
        defer { unsafe XML_ParserFree(parser) }
        let reading = XMLReading(start: start, end: end)
        unsafe XML_SetUserData(parser, Unmanaged.passUnretained(reading).toOpaque())
        unsafe XML_SetElementHandler(parser) { context, name, _ in
            unsafe XMLReading.of(context)?.elementStarts(name)
        } _: { context, name in
            unsafe XMLReading.of(context)?.elementEnds(name)
        }
        unsafe XML_SetCharacterDataHandler(parser) { context, bytes, count in
            unsafe XMLReading.of(context)?.add(bytes, count)
        }
        return withExtendedLifetime(reading) {
            unsafe bytes.withUnsafeBytes {
                unsafe XML_Parse(parser, $0.baseAddress?.assumingMemoryBound(to: CChar.self), count, 1) == XML_STATUS_OK
            }
        }
    }

    /// The texts of a small document by element name, the first of each name, and its root's name.
    static func values(of bytes: [UInt8]) -> (root: String, values: [String: String])? {
        var root: String?
        var values: [String: String] = [:]
        let isXML = read(bytes) { name in
            root = root ?? name
        } end: { name, text in
            if values[name] == nil { values[name] = text }
        }
        guard isXML, let root else { return nil }
        return (root, values)
    }

    /// What expat puts between the address of a namespace and a name.
    private static let separator: CChar = 0x0A

    private static func of(_ context: UnsafeMutableRawPointer?) -> XMLReading? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<XMLReading>.fromOpaque(context).takeUnretainedValue()
    }

    private static func localName(_ name: UnsafePointer<CChar>?) -> String {
        guard let name = unsafe name else { return "" }
        let whole = unsafe String(cString: name)
        guard let address = whole.utf8.lastIndex(of: UInt8(separator)) else { return whole }
        return String(whole[whole.utf8.index(after: address)...])
    }

    private func elementStarts(_ name: UnsafePointer<CChar>?) {
        text.removeAll(keepingCapacity: true)
        start(unsafe Self.localName(name))
    }

    private func add(_ bytes: UnsafePointer<CChar>?, _ count: Int32) {
        unsafe text.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }

    private func elementEnds(_ name: UnsafePointer<CChar>?) {
        end(unsafe Self.localName(name), String(decoding: text, as: UTF8.self))
        text.removeAll(keepingCapacity: true)
    }
}
