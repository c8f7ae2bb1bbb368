extension String {
    /// The text with everything spelled out that would steer a terminal or turn round what is read, such as `\u{1B}`.
    ///
    /// Names of objects may hold anything: controls of both blocks (a terminal takes U+009B like ESC and a bracket), ends
    /// of lines, and marks that reverse the direction of what follows (a name that ends in `gpj.exe` reads `exe.jpg`).
    var visible: String {
        guard unicodeScalars.contains(where: \.isDisruptive) else { return self }
        return unicodeScalars.map { $0.isDisruptive ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    /// The same for text of several lines, which it keeps apart.
    var visibleLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).visible }.joined(separator: "\n")
    }
}

extension Unicode.Scalar {
    fileprivate var isDisruptive: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // Embeddings, overrides and isolates of the bidirectional algorithm (Unicode UAX #9, 2).
        case .format: (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
        default: false
        }
    }
}
