import Imaging

/// Writes position and attitude as the payload of an APP1 XMP segment, in the shape that DJI cameras use.
///
/// The packet is described in XMP Specification Part 3 section 1.1.3, the properties in the DJI Media File Metadata
/// White Paper, Part 2.
enum XMPWriter {
    /// The segment's bytes behind its length.
    static func segment(for metadata: ImageMetadata) -> [UInt8] {
        var properties: [(String, String)] = []
        func add(_ name: String, _ value: Double?) {
            if let value { properties.append((name, decimal(value))) }
        }
        add("AbsoluteAltitude", metadata.absoluteAltitudeMetres)
        add("RelativeAltitude", metadata.relativeAltitudeMetres)
        add("GimbalRollDegree", metadata.gimbalRoll)
        add("GimbalYawDegree", metadata.gimbalYaw)
        add("GimbalPitchDegree", metadata.gimbalPitch)
        add("FlightRollDegree", metadata.flightRoll)
        add("FlightYawDegree", metadata.flightYaw)
        add("FlightPitchDegree", metadata.flightPitch)
        if let flag = metadata.rtkFlag { properties.append(("RtkFlag", "\(flag)")) }
        if let uuid = metadata.captureUUID { properties.append(("CaptureUUID", uuid)) }
        let attributes = properties.map { "\n   drone-dji:\($0.0)=\"\($0.1)\"" }.joined()
        let packet = """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
             <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
              <rdf:Description rdf:about=""
                xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"\(attributes)>
              </rdf:Description>
             </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="w"?>
            """
        return Array("http://ns.adobe.com/xap/1.0/".utf8) + [0] + Array(packet.utf8)
    }

    /// A sign always, and two decimals.
    private static func decimal(_ value: Double) -> String {
        let hundredths = Int((abs(value) * 100).rounded())
        let fraction = hundredths % 100
        let sign = value < 0 && hundredths > 0 ? "-" : "+"
        return "\(sign)\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
