import Projections

/// The views of a store.
enum Views {
    static var all: [any View] { [Catalog(), Activity()] }
}
