#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// Where XMP says something else than EXIF, or than itself.
extension ImageMetadata {
    /// EXIF decides, as it does in every viewer; XMP alone is not trusted to turn pixels.
    mutating func compareOrientation(_ scanner: XMPScanner) {
        guard let text = scanner.text("tiff:Orientation") else { return }
        if let orientation, text != "\(orientation)" {
            doubt("orientation: EXIF and XMP contradict each other, EXIF was used")
        } else if orientation == nil {
            doubt("orientation: only in XMP, not used")
        }
    }

    mutating func comparePosition(_ scanner: XMPScanner) {
        // The misspelt name is what some firmware writes.
        guard let (north, northName) = firstDecimal(scanner, ["GpsLatitude", "Latitude"]),
            let (east, eastName) = firstDecimal(scanner, ["GpsLongitude", "GpsLongtitude", "Longitude"]),
            abs(north) <= 90, abs(east) <= 180, north != 0 || east != 0
        else { return }
        guard let latitude, let longitude else {
            set(\.latitude, north, from: tag(northName))
            set(\.longitude, east, from: tag(eastName))
            doubt("position: not usable in EXIF, taken from XMP")
            return
        }
        if abs(latitude - north) > 0.000_5 || abs(longitude - east) > 0.000_5 {
            doubt("position: EXIF and XMP contradict each other, EXIF was used")
        }
    }

    mutating func compareAltitudes() {
        if relativeAltitudeMetres == 0 {
            drop(\.relativeAltitudeMetres)
            doubt("relative altitude: is exactly zero, on the ground or never measured, not used")
        }
        if let relative = relativeAltitudeMetres, abs(relative) > Footprint.maximumAltitudeMetres {
            drop(\.relativeAltitudeMetres)
            doubt("relative altitude: is more than 20 km, not used")
        }
        if absoluteAltitudeMetres == 0 {
            drop(\.absoluteAltitudeMetres)
            doubt("absolute altitude: is exactly zero, which is written when it was never measured, not used")
        }
        guard let absolute = absoluteAltitudeMetres else { return }
        if let altitudeMetres, abs(altitudeMetres - absolute) > 10 {
            doubt("altitude: EXIF and XMP differ by more than 10 m")
        }
        // No land lies outside, and a barometer is off by some hundreds of metres at most.
        if let relative = relativeAltitudeMetres, !(-1_000...9_000).contains(absolute - relative) {
            drop(\.relativeAltitudeMetres)
            doubt("relative altitude: contradicts the absolute one, not used")
        }
    }

    /// Forgets gimbal angles that may be turned by 180 degrees.
    mutating func checkGimbal(_ scanner: XMPScanner) {
        guard let yaw = gimbalYaw, let roll = gimbalRoll else { return }
        if ["CamReverse", "GimbalReverse"].contains(where: { decimal(scanner, $0) ?? 0 != 0 }) {
            doubt("gimbal: the camera is mounted upside down, the gimbal angles were not used")
        } else if cosine(roll) < 0, cosine(yaw + 180 - (flightYaw ?? yaw)) <= 0 {
            // Beyond straight down yaw and roll turn over together, and yaw + 180 is where the top of the image points.
            // A gimbal follows its aircraft; where that is another way, roll alone was turned over.
            doubt("gimbal: a roll of half a turn does not fit the flight yaw, the gimbal angles were not used")
        } else {
            return
        }
        drop(\.gimbalYaw)
        drop(\.gimbalPitch)
        drop(\.gimbalRoll)
    }

    private func cosine(_ degrees: Double) -> Double { cos(degrees * .pi / 180) }
}
