import DVC
import Files
import HTTPTransfer
import Stages

/// Tries what dataset versions need: git, where commits are pushed to, and where their objects are.
struct DatasetExamination {
    let settings: Settings

    private var repository: String { StorePaths(root: settings.store, dataset: settings.datasetRepository).dataset }

    func run() async -> [DoctorFinding] {
        await git() + remote()
    }

    private func git() async -> [DoctorFinding] {
        do {
            let git = try await GitExamination(repository: repository, commits: settings.versions.commits)
            guard git.hasRepository || settings.datasetRepository == nil else {
                return [
                    .wrong("git", "\(repository) is no git repository: `git init` it, or name another dataset_repo")
                ]
            }
            var findings = [Self.finding(try await git.identity())]
            if let kind = settings.versions.commits.signing { findings.append(await Self.finding(git, kind)) }
            if let remote = settings.versions.gitRemote { findings.append(await Self.finding(git, remote)) }
            return findings
        } catch {
            return [.wrong("git", Exit.words(for: error).message)]
        }
    }

    private static func finding(_ identity: GitExamination.Identity) -> DoctorFinding {
        switch identity {
        case .named(let text): .well("git", "commits are by \(text)")
        case .own(let text):
            .doubtful(
                "git",
                "git's configuration names nobody: commits will be by \(text); say commit_author, or `git config --global user.name` and `user.email`"
            )
        }
    }

    private static func finding(_ git: GitExamination, _ kind: CommitSettings.Signing) async -> DoctorFinding {
        do {
            try await git.sign()
            return .well("signing", "git can sign commits by \(kind.rawValue)")
        } catch {
            return .wrong("signing", Exit.words(for: error).message)
        }
    }

    private static func finding(_ git: GitExamination, _ remote: String) async -> DoctorFinding {
        // A name means something in a repository only.
        guard git.hasRepository || remote.contains("/") || remote.contains(":") else {
            return .doubtful("git-remote", "\(remote) can be asked once the dataset's repository is there")
        }
        do {
            try await git.reach(remote)
            return .well("git-remote", "\(remote) can be asked")
        } catch {
            return .wrong("git-remote", "\(remote): \(Exit.words(for: error).message)")
        }
    }

    private func remote() async -> [DoctorFinding] {
        let remotes = Remotes(
            repository: repository,
            caBundle: settings.sources.caBundle,
            program: settings.pushesByProgram ? DVCProgram() : nil
        )
        do {
            guard let url = try settings.remote.url(in: DVCSettings(repository: repository)) else { return [] }
            let finding: DoctorFinding =
                switch try await remotes.probe(url, described: settings.remote.described) {
                case .well: .well("remote", "\(url) can be written and read")
                case .toBeMade: .well("remote", "\(url) does not exist yet: the first push makes it")
                case .asked:
                    .well("remote", "dvc can ask \(url) for objects; whether it can be written, the first push tells")
                case .leftBehind(let place, let why):
                    .doubtful(
                        "remote",
                        "\(url) can be written and read, but \(place) could not be removed again: \(why)"
                    )
                }
            return [finding] + (try await clock(url))
        } catch {
            return [.wrong("remote", Exit.words(for: error).message)]
        }
    }

    /// The clock by the remote's server, where no bucket is the source, whose server has told.
    private func clock(_ url: String) async throws -> [DoctorFinding] {
        if case .bucket = settings.source { return [] }
        guard url.hasPrefix("s3://") else { return [] }
        let named = settings.remote.described?.options.first { $0.key == "endpointurl" }?.value
        let http = try HTTPClient(settings: HTTPSettings(caBundle: settings.sources.caBundle))
        let finding = await Examination.clock(named ?? "https://s3.amazonaws.com", http)
        await http.shutdown()
        return [finding]
    }
}
