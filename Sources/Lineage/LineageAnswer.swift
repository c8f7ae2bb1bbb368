package import Events

/// What a step belongs to: the steps of one thread follow each other.
package enum LineageThread: Sendable, Hashable {
    case object(String)
    /// The objects of a dataset version together.
    case sources
    case derivation(String)
    case commit(String)
    /// A push or notification of what `of` names: a dataset version, or an object that was quarantined.
    case receipt(id: String, of: String)
}

/// One step of the way from a source to a receiver.
package struct LineageStep: Sendable, Equatable {
    /// What happened.
    ///
    /// One of `observed`, `fetched`, `validated`, `derivation`, `tile`, `dataset`, `commit`, `push`, `notification`, …
    package let kind: String
    /// The event that proves it; nil for what follows from several.
    package let position: Int?
    package let recordedAt: Timestamp?
    /// What there is to say, in reading order.
    package let facts: [Fact]
    package let thread: LineageThread

    package struct Fact: Sendable, Equatable {
        enum Value: Sendable, Equatable {
            case text(String)
            case whole(Int)
            case number(Double)
        }

        package let name: String
        let content: Value

        /// What people read.
        package var value: String {
            switch content {
            case .text(let text): text
            case .whole(let number): String(number)
            case .number(let number): String(number)
            }
        }

        init(_ name: String, _ content: Value) {
            self.name = name
            self.content = content
        }

        /// Nil where there is nothing to say.
        static func text(_ name: String, _ text: String?) -> Self? { text.map { Self(name, .text($0)) } }
        static func whole(_ name: String, _ number: Int?) -> Self? { number.map { Self(name, .whole($0)) } }
    }

    package var json: CanonicalJSON {
        CanonicalJSON { step in
            step.set("step", kind)
            step.set("position", position)
            step.set("recorded_at", recordedAt?.description)
            for fact in facts {
                switch fact.content {
                case .text(let text): step.set(fact.name, text)
                case .whole(let number): step.set(fact.name, number)
                case .number(let number): step.set(fact.name, number)
                }
            }
        }
    }
}

/// The whole chain of one thing: up to its source and down to its last receiver.
package struct LineageAnswer: Sendable, Equatable {
    package let subject: LineageSubject
    package let steps: [LineageStep]

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set(
                "subject",
                CanonicalJSON { subject in
                    subject.set("kind", self.subject.kind)
                    subject.set("id", self.subject.id)
                }
            )
            $0.set("steps", steps.map(\.json))
        }
    }
}
