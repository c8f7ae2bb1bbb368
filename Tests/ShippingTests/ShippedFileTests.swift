import TestSupport
import Testing

@Suite("The Dockerfile, the workflow and the scripts", .timeLimit(.minutes(5)))
struct ShippedFileTests {
    @Test("leave hadolint and checkov nothing to say of the Dockerfile")
    func dockerfile() async throws {
        let dockerfile = Checkout.file("Dockerfile")
        try await Ship.tool("hadolint").check([dockerfile])
        try await Ship.tool("checkov").check([
            "--config-file", Checkout.file(".checkov.yaml"), "--file", dockerfile, "--framework", "dockerfile",
        ])
    }

    @Test("leave actionlint nothing to say of the workflow, nor shellcheck of the steps in it")
    func workflow() async throws {
        let shellcheck = try Tool("shellcheck", install: "apt-get install shellcheck").path
        try await Ship.tool("actionlint").check(["-shellcheck", shellcheck, Checkout.file(".github/workflows/ci.yml")])
    }

    @Test("leave shellcheck nothing to say of the scripts")
    func scripts() async throws {
        let git = try Tool("git", install: "apt-get install git", in: Checkout.root)
        // Those that are shell say so in their first line.
        let found = try await git.check(["grep", "-lE", "^#!/usr/bin/env bash|^# shellcheck shell=bash"])
        let scripts = found.text.split(separator: "\n").map { Checkout.file(String($0)) }
        #expect(scripts.contains(Checkout.file("tools/test")))
        try await Tool("shellcheck", install: "apt-get install shellcheck").check(["--external-sources"] + scripts)
    }
}
