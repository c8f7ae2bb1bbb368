/// Draws trees, buildings and their shadows over the ground.
struct ObjectPainter {
    let mottle: NoiseTile
    let grain: NoiseTile
    let grainScale: Double

    /// The colour of a point with everything that stands near it.
    func paint(
        _ ground: Colour,
        at point: SIMD2<Double>,
        trees: [Tree],
        buildings: [Building]
    ) -> Colour {
        var colour = ground
        var shadow: Float = 0
        for building in buildings {
            if let roof = roof(building, at: point) { return roof }
            for step in 1...4 {
                let offset = Sun.shadow * building.height * (Double(step) / 4)
                if building.covers(point - offset) { shadow = 0.55 }
            }
        }
        guard !trees.isEmpty else { return colour * (1 - shadow) }
        // Branches a metre or two wide make the outline, twigs the surface.
        let clump =
            0.75 * mottle.bilinear(point.x * 2.4, point.y * 2.4)
            + 0.55 * mottle.bilinear(point.y * 7.3, point.x * 7.3)
        var top = 0.0
        for tree in trees {
            let offset = point - tree.centre
            let distance = (offset * offset).sum()
            let edge = tree.radius * tree.radius * (0.8 + 0.95 * Double(clump))
            if distance < edge {
                let dome = (edge - distance).squareRoot()
                guard dome + tree.height > top else { continue }
                top = dome + tree.height
                colour = crown(tree, offset, dome, clump, point)
                // A crown in full sun has its own shade; what a taller neighbour adds is half of that on the ground.
                shadow *= 0.4
            } else if top == 0 || top < tree.height {
                shadow = max(shadow, self.shadow(of: tree, offset, clump) * (top == 0 ? 1 : 0.5))
            }
        }
        return colour * (1 - shadow)
    }

    private func crown(
        _ tree: Tree,
        _ offset: SIMD2<Double>,
        _ dome: Double,
        _ clump: Float,
        _ point: SIMD2<Double>
    ) -> Colour {
        let scale = 1 / Float(tree.radius)
        let slope = SIMD3(Float(offset.x) * scale, Float(offset.y) * scale, Float(dome) * scale + 0.25)
        let light = max((slope * Sun.direction).sum(), 0)
        let leaves = grain.nearest(point.x * grainScale + 91, point.y * grainScale)
        let brightness = (0.46 + 0.62 * light) * (1 + 0.7 * clump + 0.5 * leaves)
        return tree.colour * max(brightness, 0.18)
    }

    /// The shadow of a ball above the ground is a stretched disc, from the trunk to the shadow of the top.
    private func shadow(of tree: Tree, _ offset: SIMD2<Double>, _ clump: Float) -> Float {
        let reach = Sun.shadow * tree.height
        let length = (reach * reach).sum()
        let along = min(max((offset * reach).sum() / length, 0), 1)
        let beside = offset - reach * along
        let radius = tree.radius * (0.92 + 0.5 * Double(clump))
        return (beside * beside).sum() < radius * radius ? 0.52 : 0
    }

    private func roof(_ building: Building, at point: SIMD2<Double>) -> Colour? {
        let position = building.local(point)
        guard abs(position.x) < building.halfLength, abs(position.y) < building.halfWidth else { return nil }
        // The ridge runs along x, so the slope towards positive y looks along (-ridge.y, ridge.x).
        let facing = Float(-building.ridge.y * 0.46 + building.ridge.x * -0.46)
        let light = 0.86 + (position.y > 0 ? facing : -facing) * 0.45
        let course = position.y * 2.9 + 4_096
        let joint: Float = course - Double(Int(course)) < 0.18 ? 0.88 : 1
        let dirt = mottle.bilinear(point.x * 2, point.y * 2)
        let ridge: Float = abs(position.y) < 0.12 ? 1.15 : 1
        return building.colour * (light * joint * ridge * (1 + 0.18 * dirt))
    }
}
