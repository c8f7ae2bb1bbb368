import Events
import Projections
import Stages
import Testing

@Suite("When and how a version is committed")
struct CommitPolicyTests {
    private static let start = Timestamp(microseconds: 1_000_000)

    private func due(
        _ mode: CommitPolicy.Mode,
        tiles: Int = 0,
        isBusy: Bool = false,
        isRequested: Bool = false
    ) -> Timestamp? {
        let policy = CommitPolicy(mode: mode, quiet: .seconds(2), longest: .seconds(60), tiles: 100)
        return policy.due(
            CommitPolicy.Changes(
                first: Self.start,
                last: Self.start + .seconds(10),
                tiles: tiles,
                isBusy: isBusy,
                isRequested: isRequested
            )
        )
    }

    @Test("auto: when all is done, when it has taken too long, or when there are enough tiles")
    func auto() {
        #expect(due(.auto) == Self.start + .seconds(12))
        #expect(due(.auto, tiles: 99, isBusy: true) == Self.start + .seconds(60))
        #expect(due(.auto, tiles: 100, isBusy: true) == Self.start)
    }

    @Test("batch: only when all is done")
    func batch() {
        #expect(due(.batch) == Self.start + .seconds(12))
        #expect(due(.batch, tiles: 100, isBusy: true) == nil)
    }

    @Test("by hand: only when somebody asks; and who asks is not kept waiting by any policy")
    func byHand() {
        #expect(due(.hand, tiles: 100) == nil)
        for mode in CommitPolicy.Mode.allCases { #expect(due(mode, isBusy: true, isRequested: true) == Self.start) }
    }

    private let commit = CatalogCommit(
        DatasetCommitStarted(
            commitID: "018f",
            partition: "north",
            recipe: Digest(of: "recipe".utf8),
            manifest: "m.dir",
            previous: nil,
            files: 840,
            bytes: 5,
            added: 12,
            changed: 0,
            removed: 3,
            fromPosition: 7,
            throughPosition: 9,
            remote: nil
        ),
        position: 10
    )

    @Test("a template is filled with what the version is")
    func filled() throws {
        let all = CommitTemplate.Field.allCases.map { "{\($0.rawValue)}" }.joined(separator: "|")
        let template = try #require(CommitTemplate("{{" + all + "}}"))
        let digits = Digest(of: "recipe".utf8).description.prefix(12)
        #expect(
            template.filled(commit, number: 4, time: Self.start)
                == "{north|add 12, remove 3 of 840 files|12|0|3|840|5|\(digits)|7|9|4|018f|1970-01-01}"
        )
    }

    @Test("what is no template is none", arguments: ["{", "}", "{partitions}", "{}", "a}b", "{{x}"])
    func malformed(text: String) {
        #expect(CommitTemplate(text) == nil)
    }

    @Test("a tag has to be another for each version")
    func unique() {
        let texts = ["{id}", "{partition}/{number}", "v{through}-{partition}", "{number}", "{partition}-{date}", "v1"]
        #expect(texts.map { CommitTemplate($0)?.isUnique } == [true, true, true, false, false, false])
        // a1 and 1 are written like a and 11.
        let joined = [
            "{partition}{number}", "{partition}1{number}", "{number}{partition}", "{partition}{added}/{number}",
            "{partition}/{number}{added}", "{partition}/{number}9",
        ]
        #expect(joined.allSatisfy { CommitTemplate($0)?.isUnique == false })
        let apart = ["{partition}/v{number}-{added}", "{id}{number}", "v{partition}-{number}", "{number}/{partition}"]
        #expect(apart.allSatisfy { CommitTemplate($0)?.isUnique == true })
    }
}
