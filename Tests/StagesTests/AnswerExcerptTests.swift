import Stages
import Testing

@Suite("What is kept of an answer holds no secrets, and costs what it is long")
struct AnswerExcerptTests {
    private func kept(_ text: String) -> String? {
        AnswerExcerpt.text(of: Array(text.utf8), isCut: false, hiding: [])
    }

    @Test(
        "what looks like a secret is masked, what stands beside it stays",
        arguments: [
            ("token=abcdef", "token=<redacted>"), ("x-api-key: abcdef, b", "x-api-key: <redacted>, b"),
            (#"{"access_token":"abcdef"}"#, #"{"access_token":"<redacted>"}"#),
            (#"{"my-secret_token" : 'abcdef'}"#, #"{"my-secret_token" : '<redacted>'}"#),
            ("secrettoken=abcdef", "secrettoken=<redacted>"), ("PASSWORD = abcdef", "PASSWORD = <redacted>"),
            ("passwd:abcdef&user=x", "passwd:<redacted>&user=x"),
            ("X-Amz-Signature=0123ab", "X-Amz-Signature=<redacted>"),
            ("Authorization: Bearer abcdef", "Authorization: Bearer <redacted>"), ("ghp_abcdefgh", "<redacted>"),
            ("token: ab", "token: ab"), ("a tokenless one", "a tokenless one"),
        ]
    )
    func masks(text: String, masked: String) {
        #expect(kept(text) == masked)
    }

    /// Who looked from each of its places to the end of a run would be at it for most of an hour.
    @Test(
        "a long run of one character, or of one word, is gone through once",
        .timeLimit(.minutes(1)),
        arguments: ["a", "-", " ", "token", "bearer ", "\"", "api_"]
    )
    func linear(piece: String) {
        let text = String(repeating: piece, count: 120_000 / piece.utf8.count)
        #expect(kept(text) != nil)
    }
}
