import Events
import Foundation
import TestSupport
import Testing

@Suite("Reading times as RFC 3339 has them")
struct TimestampReadingTests {
    @Test("what is written is read back, from year 0 to 9999")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let time = Timestamp(
                microseconds: Int64.random(in: -62_167_219_200_000_000..<253_402_300_800_000_000, using: &random)
            )
            let text = time.description
            // Years under 1000 are written without zeros in front.
            guard text.firstIndex(of: "-") == text.index(text.startIndex, offsetBy: 4) else { continue }
            #expect(Timestamp(rfc3339: text) == time)
        }
    }

    @Test(
        "offsets and fractions of any length",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01t00:00:00.5z", 500_000), ("1970-01-01T01:00:00+01:00", 0),
            ("1969-12-31T23:30:00.123456789-00:30", 123_456), ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
        ]
    )
    func forms(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        "anything else is not a time",
        arguments: [
            "", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
            "1970-00-01T00:00:00Z", "1970-01-00T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
            "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+0100", "1970-01-01T00:00:00ZZ", "+970-01-01T00:00:00Z",
            "1970-01-01T00:00:00+24:00", "１970-01-01T00:00:00Z",
        ]
    )
    func refused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }
}
