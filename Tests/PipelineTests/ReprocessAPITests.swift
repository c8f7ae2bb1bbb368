import Foundation
import TestSupport
import Testing

@Suite("A re-derivation is planned, asked for and ended over HTTP as by the command", .timeLimit(.minutes(15)))
struct ReprocessAPITests {
    private static let tokens = [
        "SWATHLOG_HTTP_READ_TOKEN": ServedStation.readToken,
        "SWATHLOG_HTTP_OPERATE_TOKEN": ServedStation.operateToken,
    ]

    /// A store of two flights, cut by 256 pixels, with an agent that answers.
    private func serve(_ name: String, _ body: (ServedStation) async throws -> Void) async throws {
        let station = try Station(name, variables: ["SWATHLOG_TILE_SIZE": "256", "SWATHLOG_TILE_OVERLAP": "0"])
        try await station.fly("north", images: 3)
        try await station.fly("south", images: 2, seed: 2)
        try await ServedStation.run(station, variables: Self.tokens) { server in
            try await eventually("both flights are pushed") {
                try await server.station.events("DatasetPushed").count >= 2
            }
            try await body(server)
        }
    }

    private func post(
        _ server: ServedStation,
        _ path: String,
        _ json: String? = nil,
        token: String = ServedStation.operateToken,
        type: String = "application/json"
    ) async throws -> (status: Int, json: JSON) {
        let body = json.map { ["-H", "Content-Type: \(type)", "--data-binary", $0] } ?? []
        let answer = try await server.ask(path, ["-X", "POST", "-H", "Authorization: Bearer \(token)"] + body)
        return (answer.status, try JSON(String(decoding: answer.body, as: UTF8.self)))
    }

    private func generation(_ server: ServedStation, _ id: String) async throws -> JSON {
        let answer = try await server.ask(
            "/v1/generations/\(id)",
            ["-H", "Authorization: Bearer \(ServedStation.readToken)"]
        )
        return try JSON(String(decoding: answer.body, as: UTF8.self))
    }

    @Test("the plan is the command's and writes nothing; to apply it twice is to apply it once; it is cut over")
    func applied() async throws {
        try await serve("api-reprocess") { server in
            let wish = #"{"settings": {"tile_size": "192", "tile_overlap": "32"}}"#
            let head = try await server.station.events().count
            let plan = try await post(server, "/v1/reprocess/plan", wish, token: ServedStation.readToken)
            #expect(plan.status == 200, "\(plan.json)")
            let said = try await server.station.program(Self.tokens).check([
                "reprocess", "--plan", "--json", "--tile-size", "192", "--tile-overlap", "32",
            ]).parsed()
            for key in ["from", "to", "objects", "tiles", "partitions", "contents_to_cut", "pixels", "bytes_to_fetch"] {
                #expect(plan.json[key] == said[key], "\(key)")
            }
            #expect(plan.json["objects"].int == 5 && plan.json["partitions"].list.count == 2)
            #expect(try await server.station.events().count == head)

            let to = plan.json["to"].text
            let order = #"{"settings": {"tile_size": "192", "tile_overlap": "32"}, "recipe": "\#(to)"}"#
            async let one = post(server, "/v1/reprocess/apply", order)
            async let two = post(server, "/v1/reprocess/apply", order)
            let answers = try await [one, two]
            #expect(answers.map(\.status) == [200, 200], "\(answers)")
            let id = answers[0].json["generation"]["id"].text
            #expect(!id.isEmpty)
            try await eventually("it is cut over") {
                try await generation(server, id)["state"].text == "cut-over"
            }
            #expect(try await server.station.events("ReprocessRequested").count == 1)
            let done = try await generation(server, id)
            #expect(done["objects"].int == 5 && done["failed"].int == 0 && done["recipe"].text == to)

            let again = try await post(server, "/v1/reprocess/apply", order)
            #expect(again.status == 200 && again.json["new"] == .bool(false) && again.json["generation"] == .null)
            let late = try await post(server, "/v1/generations/\(id)/cancel")
            #expect(late.status == 409 && late.json["code"].text == "not-cancellable")
            try await eventually("each partition has its commit") {
                try await server.station.events("DatasetCommitted").count >= 4
            }
        }
    }

    @Test("what waits can be cancelled, twice as well, and the dataset is as it was")
    func cancelled() async throws {
        try await serve("api-cancel") { server in
            // Slow to cut, so that it is under way while the next one waits.
            let slow = #"{"settings": {"png_compression": "small", "tile_size": "64"}, "partitions": ["north"]}"#
            let first = try await post(server, "/v1/reprocess/apply", slow)
            #expect(first.status == 200 && first.json["new"] == .bool(true), "\(first.json)")
            let second = try await post(server, "/v1/reprocess/apply", #"{"settings": {"tile_size": "100"}}"#)
            let (one, two) = (first.json["generation"]["id"].text, second.json["generation"]["id"].text)
            #expect(one != two)
            for id in [two, one] {
                for _ in 1...2 {
                    let answer = try await post(server, "/v1/generations/\(id)/cancel")
                    #expect(answer.status == 200 && answer.json["state"].text == "cancelled", "\(answer.json)")
                }
            }
            #expect(try await server.station.events("ReprocessCancelled").count == 2)
            try await eventually("what was made is swept") {
                try await !server.station.events("GenerationSwept").isEmpty
            }
            #expect(try await server.station.events("GenerationCutOver").isEmpty)
            #expect(try await generation(server, one)["state"].text == "cancelled")
            let unknown = try await post(server, "/v1/generations/none/cancel")
            #expect(unknown.status == 404)
        }
    }

    @Test("what can't be done is refused with the command's reason")
    func refused() async throws {
        try await serve("api-refused") { server in
            func refusal(_ path: String, _ json: String, _ status: Int, _ code: String) async throws {
                let answer = try await post(server, "/v1/reprocess/\(path)", json)
                #expect(answer.status == status && answer.json["code"].text == code, "\(json): \(answer.json)")
            }
            try await refusal("plan", #"{"settings": {"tile_size": "0"}}"#, 409, "bad-setting")
            try await refusal("plan", #"{"settings": {"variants": "3"}}"#, 409, "contradicting-settings")
            try await refusal("plan", #"{"partitions": ["east"]}"#, 404, "not-found")
            try await refusal("plan", #"{"since": "yesterday"}"#, 409, "bad-setting")
            try await refusal("plan", #"{"settings": {"tile_sice": "9"}}"#, 400, "body-unreadable")
            try await refusal("plan", #"{"settings": {"tile_size": 9}}"#, 400, "body-unreadable")
            try await refusal("plan", #"{"incremental": true}"#, 400, "body-unreadable")
            try await refusal("plan", "[]", 400, "body-unreadable")
            try await refusal(
                "apply",
                #"{"settings": {"tile_size": "100"}, "prefix": "north/DJI_0001"}"#,
                409,
                "contradicting-settings"
            )
            let other = String(repeating: "0", count: 64)
            try await refusal(
                "apply",
                #"{"settings": {"tile_size": "100"}, "recipe": "\#(other)"}"#,
                409,
                "plan-outdated"
            )
            let form = try await post(server, "/v1/reprocess/plan", "{}", type: "text/plain")
            #expect(form.status == 415)
            let reader = try await post(server, "/v1/reprocess/apply", "{}", token: ServedStation.readToken)
            #expect(reader.status == 403 && reader.json["code"].text == "scope-insufficient")
            #expect(try await server.station.events("ReprocessRequested").isEmpty)

            let settings = try await server.ask(
                "/v1/reprocess/settings",
                ["-H", "Authorization: Bearer \(ServedStation.readToken)"]
            )
            let items = try JSON(String(decoding: settings.body, as: UTF8.self))["items"].list
            let size = try #require(items.first { $0["name"].text == "tile_size" })
            #expect(size["value"].text == "256" && size["default"].text == "512" && !size["summary"].text.isEmpty)
        }
    }
}
