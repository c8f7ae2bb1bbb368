import Events
import Imaging

extension ImageMetadata {
    /// The fields that the file gave, as they stand in `ObjectValidated`; lengths in mm, m and pixels, angles in degrees.
    var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("make", make)
            $0.set("model", model)
            $0.set("lens", lens)
            $0.set("focal_length_mm", focalLengthMM)
            $0.set("focal_length_35mm", focalLength35MM)
            $0.set("exposure_seconds", exposureSeconds)
            $0.set("f_number", fNumber)
            $0.set("iso", iso)
            $0.set("taken_at", takenAt)
            $0.set("taken_at_subsecond", takenAtSubsecond)
            $0.set("taken_at_offset", takenAtOffset)
            $0.set("orientation", orientation)
            $0.set("latitude", latitude)
            $0.set("longitude", longitude)
            $0.set("altitude_m", altitudeMetres)
            $0.set("relative_altitude_m", relativeAltitudeMetres)
            $0.set("absolute_altitude_m", absoluteAltitudeMetres)
            $0.set("gimbal_yaw", gimbalYaw)
            $0.set("gimbal_pitch", gimbalPitch)
            $0.set("gimbal_roll", gimbalRoll)
            $0.set("flight_yaw", flightYaw)
            $0.set("flight_pitch", flightPitch)
            $0.set("flight_roll", flightRoll)
            $0.set("rtk_flag", rtkFlag)
            $0.set("capture_uuid", captureUUID)
            if !doubts.isEmpty { $0.set("doubts", doubts) }
        }
    }
}
