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
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var json: CanonicalJSON {
        CanonicalJSON { step in
            step.set("step", kind)
            step.set("position", position)
            step.set("recorded_at", recordedAt?.description)
            for fact in facts { step.set(fact.name, fact.value) }
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
