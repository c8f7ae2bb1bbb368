import DVC
import Testing

@Suite
struct PointerTests {
    private let values = [
        "recipe": "ab12", "a": "", "b": "512", "c": "true", "d": "it's", "e": "1e5", "f": "é: \"x\" \\ #",
        "g": "- a",
        "h": "a: b", "i": "2024-01-01", "j": " x ", "k": "\u{2028}\u{85}", "l": "{a}", "m": "0x1F", "n": "~",
        "o": "a #b",
    ]

    @Test
    func aPointerReadsBack() throws {
        let pointer = Pointer(
            manifest: "d751713988987e9331980363e24189ce.dir",
            size: 12,
            count: 3,
            path: "true",
            meta: values
        )
        #expect(try Pointer(parsing: pointer.text) == pointer)
    }

    @Test
    func withoutMetaItIsWhatDVCWrites() {
        let pointer = Pointer(manifest: "d751713988987e9331980363e24189ce.dir", size: 12, count: 3, path: "p")
        #expect(
            pointer.text
                == "outs:\n- md5: d751713988987e9331980363e24189ce.dir\n  size: 12\n  nfiles: 3\n  hash: md5\n  path: p\n"
        )
    }

    @Test
    func aRealYAMLParserReadsTheSame() async throws {
        let scratch = try Scratch()
        let pointer = Pointer(
            manifest: "d751713988987e9331980363e24189ce.dir",
            size: 12,
            count: 3,
            path: "p",
            meta: values
        )
        let script = """
            import sys
            from ruamel.yaml import YAML
            meta = YAML(typ="safe").load(sys.argv[1])["meta"]
            print("\\0".join(k + "=" + v for k, v in sorted(meta.items())), end="")
            """
        let printed = try await Peer.python(script, [pointer.text], in: scratch.path)
        #expect(
            printed
                == values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\0")
        )
    }

    @Test(arguments: [
        "", "outs:\n", "outs:\n- md5: x.dir\n  size: 1\n  nfiles: 1\n  path: p\n",
        "outs:\n- md5: d751713988987e9331980363e24189ce\n  size: 1\n  path: p\n",
        "outs:\n- md5: d751713988987e9331980363e24189ce.dir\n  size: -1\n  nfiles: 1\n  path: p\n",
        "<<<<<<< HEAD\nouts:\n",
    ])
    func otherTextsAreErrors(text: String) {
        let error = #expect(throws: DVCError.self) { try Pointer(parsing: text) }
        #expect(error?.code == .badPointer)
    }
}
