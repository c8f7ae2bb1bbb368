import ArgumentParser

/// Requires of a `--limit` that it can be one.
func check(limit: Int?) throws {
    guard limit ?? 0 >= 0 else { throw ValidationError("--limit is 0 or more") }
}
