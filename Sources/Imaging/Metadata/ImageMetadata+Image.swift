// What the file says of its image, beside the image.
extension ImageMetadata {
    /// Notes where the metadata contradict the image, or its tiles can't carry them on.
    ///
    /// - Parameter isConverted: whether tiles are made of decoded pixels; those that are not keep what the profile is of.
    package mutating func compare(with info: ImageInfo, isConverted: Bool = true) {
        compareFocalLengths(width: info.width, height: info.height)
        if isConverted, let profile, !profile.fits(info) {
            let space = profile.colourSpace.trimmingSpaces()
            doubt("icc: a profile of \(space) does not describe the decoded pixels, the tiles do not carry it")
        }
    }

    /// Focal lengths that no camera has, or that give different angles of view: the image was resized, or one is wrong.
    private mutating func compareFocalLengths(width: Int, height: Int) {
        let equivalent = CameraModel.FocalLength.equivalent(self, width: width, height: height)
        let resolutions = [focalPlaneXPixelsPerMM, focalPlaneYPixelsPerMM].compactMap(\.self)
        let ofSensor = focalLengthMM.map { millimetres in resolutions.map { millimetres * $0 } } ?? []
        let told = [calibratedFocalLengthPixels, equivalent].compactMap(\.self) + ofSensor
        if !told.allSatisfy({ CameraModel.FocalLength.isPossible($0, width: width, height: height) }) {
            doubt("focal length: is none that a camera has, not used")
        }
        guard let equivalent else { return }
        func contradicts(_ pixels: Double?) -> Bool {
            pixels.map { !CameraModel.FocalLength.agrees($0, with: equivalent) } ?? false
        }
        if contradicts(calibratedFocalLengthPixels) {
            doubt("focal length: in pixels it contradicts its 35 mm equivalent, the equivalent was used")
        }
        if ofSensor.contains(where: contradicts) {
            doubt("focal length: the sensor's resolution contradicts its 35 mm equivalent and was not used")
        }
    }
}
