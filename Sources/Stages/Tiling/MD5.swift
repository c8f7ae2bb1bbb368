import Crypto
import Files

/// The MD5 of some bytes in hexadecimal: the name that DVC gives them, and nothing that security depends on.
func md5(_ bytes: [UInt8]) -> String {
    hexadecimal(Insecure.MD5.hash(data: bytes))
}
