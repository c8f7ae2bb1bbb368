/// The parcels, trees and buildings that one frame may show.
struct FrameInventory {
    private let scene: Scene
    private var parcels: [Int: Parcel] = [:]
    private var trees: [Tree?] = []
    private let firstColumn: Int
    private let firstRow: Int
    private let columns: Int
    private var buildings: [Building] = []

    init(_ scene: Scene, around centre: SIMD2<Double>, radius: Double) {
        self.scene = scene
        let reach = radius + Standing.reach + Standing.spacing
        firstColumn = Int(((centre.x - reach) / Standing.spacing).rounded(.down))
        firstRow = Int(((centre.y - reach) / Standing.spacing).rounded(.down))
        columns = Int((2 * reach / Standing.spacing).rounded(.up)) + 1
        trees.reserveCapacity(columns * columns)
        for row in 0..<columns {
            for column in 0..<columns {
                let tree = scene.standing.tree(firstColumn + column, firstRow + row) { parcel($0) }
                trees.append(tree)
            }
        }
        buildings = parcels.values.flatMap { scene.standing.buildings(on: $0) }
            .sorted { ($0.centre.x, $0.centre.y) < ($1.centre.x, $1.centre.y) }
    }

    /// A parcel by its number.
    mutating func parcel(_ number: Int) -> Parcel {
        if let known = parcels[number] { return known }
        let made = Parcel(id: number, noise: scene.terrain.parcels, direction: SIMD2(1, 0))
        parcels[number] = made
        return made
    }

    /// The trees whose crown or shadow may touch a disc.
    func trees(near point: SIMD2<Double>, within radius: Double) -> [Tree] {
        let reach = Standing.reach + radius
        let left = max(Int((point.x - reach) / Standing.spacing - 1) - firstColumn, 0)
        let right = min(Int((point.x + reach) / Standing.spacing + 1) - firstColumn, columns - 1)
        let bottom = max(Int((point.y - reach) / Standing.spacing - 1) - firstRow, 0)
        let top = min(Int((point.y + reach) / Standing.spacing + 1) - firstRow, columns - 1)
        guard left <= right, bottom <= top else { return [] }
        var near: [Tree] = []
        for row in bottom...top {
            for column in left...right {
                guard let tree = trees[row * columns + column] else { continue }
                // Crown and shadow lie in a disc around the middle of the shadow.
                let reach = Sun.shadow * tree.height / 2
                let offset = point - tree.centre - reach
                let limit = radius + tree.radius * 1.3 + (reach * reach).sum().squareRoot()
                if (offset * offset).sum() < limit * limit { near.append(tree) }
            }
        }
        return near
    }

    /// The buildings that may touch a disc.
    func buildings(near point: SIMD2<Double>, within radius: Double) -> [Building] {
        guard !buildings.isEmpty else { return [] }
        return buildings.filter { building in
            let offset = point - building.centre
            let limit = radius + building.halfLength + building.halfWidth + building.height
            return (offset * offset).sum() < limit * limit
        }
    }
}
