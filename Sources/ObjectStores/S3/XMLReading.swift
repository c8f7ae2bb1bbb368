import Foundation
import FoundationXML

/// Reads an XML document as a sequence of elements that start and end.
final class XMLReading: NSObject, XMLParserDelegate {
    private let start: (String) -> Void
    private let end: (String, String) -> Void
    private var text = ""
    private var depth = 0
    private var hasEnded = false

    private init(start: @escaping (String) -> Void, end: @escaping (String, String) -> Void) {
        self.start = start
        self.end = end
    }

    /// Calls `start` with each name, and `end` with each name and the text just before its end; false for what is no
    /// XML, a character that XML forbids included.
    static func read(
        _ bytes: [UInt8],
        start: @escaping (String) -> Void,
        end: @escaping (String, String) -> Void
    ) -> Bool {
        let reading = XMLReading(start: start, end: end)
        let parser = XMLParser(data: Data(bytes))
        parser.shouldProcessNamespaces = true
        parser.shouldResolveExternalEntities = false
        parser.delegate = reading
        // Foundation's parser is content with a document that breaks off; its root has to have ended.
        return parser.parse() && reading.hasEnded
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

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        text = ""
        depth += 1
        start(name)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        text += string
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        end(name, text)
        text = ""
        depth -= 1
        hasEnded = depth == 0
    }
}
