/// A key that equals another only when their bytes are equal.
///
/// Swift's `String` compares by canonical equivalence: `é` in one code point equals `e` with a combining accent. A file
/// system may hold both as two files, and none of them may stand for the other.
package struct ExactKey: Sendable, Hashable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (left: ExactKey, right: ExactKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
    }
}
