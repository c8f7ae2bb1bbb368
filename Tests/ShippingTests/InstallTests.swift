import Foundation
import TestSupport
import Testing

@Suite("What tools/install puts there", .timeLimit(.minutes(5)))
struct InstallTests {
    private let prefix: Scratch
    private let tools: [String: String]

    init() async throws {
        prefix = try Scratch("install")
        try await Tool(Checkout.file("tools/install")).check([prefix.path, Checkout.swathlog])
        tools = ["PATH": "\(prefix.file("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"]
    }

    private func tool(_ name: String) throws -> Tool {
        var tool = try Tool(name, install: "apt-get install \(name)", in: prefix.path)
        tool.environment.merge(tools) { _, new in new }
        return tool
    }

    @Test("the program runs, and a second installation takes its place")
    func program() async throws {
        let installed = try Tool(prefix.file("bin/swathlog"))
        let version = try await installed.check(["--version"]).text
        try await Tool(Checkout.file("tools/install")).check([prefix.path, Checkout.swathlog])
        #expect(try await installed.check(["--version"]).text == version)
        #expect(try FileManager.default.contentsOfDirectory(atPath: prefix.file("bin")) == ["swathlog"])
    }

    @Test("the manual page is sound mdoc that names every command and setting")
    func manual() async throws {
        let page = prefix.file("share/man/man1/swathlog.1")
        try await tool("mandoc").check(["-Tlint", "-Wwarning", page])
        let text = try await tool("mandoc").check(["-Tmarkdown", page]).text.replacing("&#45;", with: "-")
        let settings = try await Tool(Checkout.swathlog).check(["config", "--json"]).parsed().keys
        #expect(settings.count > 50)
        for setting in settings { #expect(text.contains("`SWATHLOG_\(setting.uppercased())`"), "\(setting)") }
        let help = try await Tool(Checkout.swathlog).check(["--help"]).text
        let commands = help.matches(of: #/(?m)^  ([a-z][a-z-]*)  /#).map { String($0.output.1) }
        #expect(commands.count > 15)
        for command in commands { #expect(text.contains("## \(command)\n"), "\(command)") }
        #expect(text.contains("## audit verify-proof\n"))
    }

    @Test("bash completes commands and options")
    func bash() async throws {
        let script = """
            source share/bash-completion/completions/swathlog
            complete -p swathlog >&2
            complete_last() {
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
                COMP_POINT=${#COMP_LINE} COMPREPLY=()
                _swathlog swathlog "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                echo "${COMPREPLY[@]}"
            }
            complete_last swathlog rep
            complete_last swathlog dataset verify --rem
            """
        let answers = try await tool("bash").check(["-c", script]).text.split(separator: "\n")
        #expect(answers.map { Set($0.split(separator: " ")) } == [["replay", "reprocess"], ["--remote"]])
    }

    @Test("fish completes commands and options")
    func fish() async throws {
        let script = """
            source share/fish/vendor_completions.d/swathlog.fish
            complete --do-complete "swathlog rep"
            complete --do-complete "swathlog dataset verify --rem"
            """
        let words = try await tool("fish").check(["--no-config", "-c", script]).text.split(separator: "\n").map {
            $0.prefix { $0 != "\t" }
        }
        #expect(Set(words) == ["replay", "reprocess", "--remote"])
    }

    @Test("zsh completes commands")
    func zsh() async throws {
        // zsh completes on a terminal only.
        let script = """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'fpath=(share/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D; echo rea""dy'
            zpty -r shell out '*ready*'
            zpty -n -w shell $'swathlog rep\\t\\t'
            zpty -r shell out '*(reprocess *replay|replay *reprocess) *-- *'
            print -r -- "$out"
            """
        let answer = try await tool("zsh").check(["-f", "-c", script]).text
        #expect(answer.contains("replay ") && answer.contains("reprocess "))
    }
}
